/*
 * overview_page - a report as one HTML page with charts.
 *
 * Runs in sekisho-prepare as the custodian. The page loads nothing and runs
 * nothing: its policy forbids both, and its charts are SVG in the text. Names
 * and values were made visible when the report was read; here they are escaped.
 */
#include <inttypes.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "policy/prepare/overview.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1c2733;--soft:#5d6b7a;"
	"--line:#d5dce3;--bar:#2f6f9f;--bad:#b3372e;--paper:#fff}"
	"@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9aa7b4;"
	"--line:#36424e;--bar:#6fb0de;--bad:#ef8a80;--paper:#151b21}}"
	"body{font:16px/1.5 system-ui,\"Noto Sans CJK JP\",sans-serif;"
	"color:var(--ink);background:var(--paper);max-width:68rem;"
	"margin:2rem auto;padding:0 1rem}"
	"h1{font-size:1.5rem;margin:0}h2{font-size:1.2rem;margin:2.5rem 0 "
	".5rem;"
	"border-bottom:2px solid var(--line)}h3{font-size:1rem;margin:1.5rem 0 "
	".5rem}"
	".private{color:var(--bad);font-weight:600;margin:.25rem 0}"
	".wide{overflow-x:auto}"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:"
	"tabular-nums}"
	"th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);"
	"text-align:right;white-space:nowrap}"
	"th{color:var(--soft);font-weight:600;font-size:.85rem}"
	"th:first-child,td:first-child{text-align:left}"
	"td.value{max-width:11rem;overflow:hidden;text-overflow:ellipsis}"
	"dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,"
	"1fr)"
	");gap:.75rem;margin:1rem 0}"
	"dt{color:var(--soft);font-size:.85rem}dd{margin:0;font-size:1.25rem;"
	"font-weight:600}"
	".bad{color:var(--bad)}"
	"svg{max-width:100%}td svg{max-width:none}svg "
	"text{fill:var(--ink);font-size:13px}"
	"rect{fill:var(--bar)}rect.bad{fill:var(--bad)}rect.all{fill:var(--"
	"line)}";

/* Text between tags, or inside a quoted attribute. */
static void put_escaped(FILE *out, const char *words)
{
	for (; *words; words++)
		switch (*words) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			putc(*words, out);
		}
}

static void put_element(FILE *out, const char *begin, const char *words,
			const char *end)
{
	fputs(begin, out);
	put_escaped(out, words);
	fputs(end, out);
}

static void put_filled(FILE *out, const char *begin, const char *words,
		       const char *end)
{
	put_element(out, begin, words, end);
	putc('\n', out);
}

static void put_number_cell(FILE *out, uint64_t number, bool bad)
{
	fprintf(out, "<td%s>%" PRIu64 "</td>",
		bad && number > 0 ? " class=\"bad\"" : "", number);
}

/* --- Columns ------------------------------------------------------------------ */

/* The share of a whole as a bar of 80 units. */
static void put_bar(FILE *out, uint64_t part, uint64_t whole)
{
	uint64_t tenths =
		whole ? (uint64_t)((unsigned __int128)part * 800 / whole) : 0;

	tenths = part > 0 && tenths < 10 ? 10 : tenths;
	fprintf(out,
		"<svg width=\"80\" height=\"10\" aria-hidden=\"true\">"
		"<rect class=\"all\" width=\"80\" "
		"height=\"10\"/><rect width=\"%" PRIu64 ".%u\" height=\"10\"/>"
		"</svg> ",
		tenths / 10, (unsigned int)(tenths % 10));
}

static void put_share_cell(FILE *out, uint64_t part, uint64_t whole)
{
	char share[32];

	fputs("<td>", out);
	put_bar(out, part, whole);
	put_element(out, "", overview_share(part, whole, share), "</td>");
}

static void put_column(FILE *out, const struct overview_source *source,
		       const struct overview_column *column)
{
	put_element(out, "<tr><td>", column->name, "</td>");
	put_element(out, "<td>", column->type, "</td>");
	put_share_cell(out, column->nothing, source->rows);
	put_number_cell(out, column->different, false);
	put_number_cell(out, column->bad, true);
	put_number_cell(out, column->labelled, false);
	put_number_cell(out, column->suspect, true);
	put_number_cell(out, column->shortest, false);
	put_number_cell(out, column->longest, false);
	put_element(out, "<td class=\"value\">", column->least, "</td>");
	put_element(out, "<td class=\"value\">", column->greatest,
		    "</td></tr>\n");
}

static void put_columns(FILE *out, const struct overview_source *source,
			const char *lang)
{
	static const enum text_id heads[] = {
		TEXT_REPORT_COLUMN,   TEXT_REPORT_TYPE,
		TEXT_REPORT_EMPTY,    TEXT_REPORT_DISTINCT,
		TEXT_REPORT_BAD,      TEXT_REPORT_LABELLED,
		TEXT_REPORT_SUSPECT,  TEXT_REPORT_SHORTEST,
		TEXT_REPORT_LONGEST,  TEXT_REPORT_LEAST,
		TEXT_REPORT_GREATEST,
	};

	fputs("<div class=\"wide\"><table><thead><tr>", out);
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		put_element(out, "<th scope=\"col\">", text(lang, heads[i]),
			    "</th>");
	fputs("</tr></thead><tbody>\n", out);
	for (uint32_t i = 0; i < source->ncolumns; i++)
		put_column(out, source, &source->columns[i]);
	fputs("</tbody></table></div>\n", out);
}

/* --- Facts and classes ---------------------------------------------------------- */

static void put_fact(FILE *out, const char *name, const char *value, bool bad)
{
	put_element(out, "<div><dt>", name, "</dt>");
	put_element(out, bad ? "<dd class=\"bad\">" : "<dd>", value,
		    "</dd></div>\n");
}

static void put_count(FILE *out, const char *name, uint64_t number, bool bad)
{
	char value[24];

	snprintf(value, sizeof value, "%" PRIu64, number);
	put_fact(out, name, value, bad);
}

static void put_rows(FILE *out, const struct overview_source *source,
		     const char *lang)
{
	fputs("<dl>\n", out);
	put_count(out, text(lang, TEXT_REPORT_ROWS_IN), source->rows_in, false);
	put_count(out, text(lang, TEXT_REPORT_ROWS_OUT), source->rows, false);
	put_count(out, text(lang, TEXT_REPORT_OPTED_OUT), source->opted_out,
		  false);
	put_count(out, text(lang, TEXT_REPORT_QUARANTINED), source->quarantined,
		  source->quarantined > 0);
	fputs("</dl>\n", out);
}

/* One group of the histogram: its bar, share and sizes. */
static void put_group(FILE *out, const struct overview_source *source,
		      int group, uint64_t most)
{
	enum { STEP = 84, WIDTH = 60, HEIGHT = 150, TOP = 24 };
	char share[32], sizes[48];
	uint64_t n = source->sizes[group];
	int height = most ? (int)((unsigned __int128)n * HEIGHT / most) : 0;
	int x = group * STEP + 12;

	height = n > 0 && height == 0 ? 1 : height;
	fprintf(out, "<rect%s x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
		class_size(group) < source->required ? " class=\"bad\"" : "", x,
		TOP + HEIGHT - height, WIDTH, height);
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
		x + WIDTH / 2, TOP + HEIGHT - height - 6);
	put_element(out, "", overview_share(n, source->subjects, share),
		    "</text>");
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
		x + WIDTH / 2, TOP + HEIGHT + 20);
	put_element(out, "", overview_sizes(group, sizes), "</text>\n");
}

static void put_histogram(FILE *out, const struct overview_source *source,
			  const char *lang)
{
	uint64_t most = 0;

	for (int i = 0; i < CLASS_SIZES; i++)
		most = source->sizes[i] > most ? source->sizes[i] : most;
	put_filled(out, "<h3>", text(lang, TEXT_REPORT_SIZES), "</h3>");
	put_element(out,
		    "<svg viewBox=\"0 0 684 210\" width=\"684\" role=\"img\" "
		    "aria-label=\"",
		    text(lang, TEXT_REPORT_SIZES), "\">\n");
	for (int i = 0; i < CLASS_SIZES; i++)
		put_group(out, source, i, most);
	fputs("</svg>\n", out);
}

static void put_classes(FILE *out, const struct overview_source *source,
			const char *lang)
{
	char share[32];

	put_filled(out, "<h3>", text(lang, TEXT_REPORT_CLASSES), "</h3>");
	fputs("<dl>\n", out);
	put_count(out, text(lang, TEXT_REPORT_SUBJECTS), source->subjects,
		  false);
	put_count(out, text(lang, TEXT_REPORT_K_CLASSES), source->classes,
		  false);
	put_count(out, text(lang, TEXT_REPORT_K_LEAST), source->least_k,
		  source->least_k < source->required);
	put_count(out, text(lang, TEXT_REPORT_K_REQUIRED), source->required,
		  false);
	put_count(out, text(lang, TEXT_REPORT_K_BELOW), source->below,
		  source->below > 0);
	if (source->least_l > 0)
		put_count(out, text(lang, TEXT_REPORT_L_LEAST), source->least_l,
			  source->least_l == 1);
	put_fact(out, text(lang, TEXT_REPORT_UNIQUE),
		 overview_share(source->alone, source->subjects, share),
		 source->alone > 0);
	fputs("</dl>\n", out);
	put_histogram(out, source, lang);
}

static void put_source(FILE *out, const struct overview_source *source,
		       const char *lang)
{
	char line[512], number[24];

	snprintf(number, sizeof number, "%" PRIu64, source->rows);
	put_filled(out, "<h2>",
		   text_fill(line, sizeof line, lang, TEXT_REPORT_TABLE,
			     source->name, number, NULL),
		   "</h2>");
	put_rows(out, source, lang);
	put_columns(out, source, lang);
	if (source->classed)
		put_classes(out, source, lang);
}

void overview_page(FILE *out, const struct overview *overview, const char *lang)
{
	char title[1024];

	text_fill(title, sizeof title, lang, TEXT_REPORT_TITLE,
		  overview->dataset, overview->permit, NULL);
	fprintf(out,
		"<!doctype html>\n<html lang=\"%s\">\n<meta "
		"charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\""
		"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n",
		strcmp(lang, "ja") == 0 ? "ja" : "en");
	put_filled(out, "<title>", title, "</title>");
	fprintf(out, "<style>%s</style>\n", style);
	put_filled(out, "<h1>", title, "</h1>");
	put_filled(out, "<p class=\"private\">",
		   text(lang, TEXT_REPORT_PRIVATE), "</p>");
	for (uint32_t i = 0; i < overview->nsources; i++)
		put_source(out, &overview->sources[i], lang);
	fputs("</html>\n", out);
}
