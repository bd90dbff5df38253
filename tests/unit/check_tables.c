/* links: policy/airlock/parse policy/airlock/compare policy/airlock/findings gateway/base; -lz */
/*
 * Checks of tables: what must be found, and what must not.
 */
#include "gateway/base/own.h"
#include "tests/unit/checking.h"

static struct checking checking;

static void look(const char *text)
{
	checking_init(&checking);
	checking_file(&checking, "t.csv", text, strlen(text));
}

#define HAS(code) CHECK(checking_found(&checking, code, -1))
#define HASNT(code)                                                            \
	CHECK_STR(checking_found(&checking, code, -1)                          \
			  ? checking_list(&checking)                           \
			  : "",                                                \
		  "")

static struct cell read_cell(const char *text)
{
	return cell_read(text, strlen(text));
}

TEST(numbers, "numbers are read as people write them")
{
	int64_t value = 0;
	struct cell cell = read_cell(" 1,234 ");

	CHECK(cell_is_whole(&cell, &value));
	CHECK_INT(value, 1234);
	cell = read_cell("９");
	CHECK(cell_is_whole(&cell, &value));
	CHECK_INT(value, 9);
	cell = read_cell("34.0");
	CHECK(cell_is_whole(&cell, &value));
	CHECK_INT(value, 34);
	cell = read_cell("-0.044");
	CHECK_INT(cell.kind, CELL_NUMBER);
	CHECK_INT(cell.value, -44);
	CHECK_INT(cell.decimals, 3);
	CHECK(!cell_is_whole(&cell, &value));
	cell = read_cell("12.5 %");
	CHECK_INT(cell.kind, CELL_PERCENT);
}

TEST(no_numbers, "what is nearly a number is words")
{
	static const char *const words[] = {
		"1,23",	     "12,34,567",	    ",5",   "1.2.3", "1e5",
		"5 persons", "1234567890123456789", "0x10", "+-1",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		CHECK_STR(read_cell(words[i]).kind == CELL_TEXT ? "" : words[i],
			  "");
}

TEST(suppressed, "suppressed counts are known in all their forms")
{
	static const char *const forms[] = {
		"*",  "-",	    "―", "<10", "< 5", "≤9",  "10未満",
		"NA", "[REDACTED]", ".", "…",	"x",   "＜10"
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		CHECK_STR(read_cell(forms[i]).kind == CELL_SUPPRESSED
				  ? ""
				  : forms[i],
			  "");
	CHECK_INT(read_cell("<10").value, 10);
	CHECK_INT(read_cell("≤9").value, 10);
	CHECK_INT(read_cell("10未満").value, 10);
}

TEST(zero_k, "a count of k - 1 blocks, a count of k does not")
{
	look("g,n\na,9\n");
	HAS("T01_MIN_CELL");
	look("g,n\na,10\n");
	HASNT("T01_MIN_CELL");
}

TEST(no_heading, "a small count in the first row is a small count")
{
	look("a,3\nb,40\n");
	HAS("T01_MIN_CELL");
}

TEST(numbered, "headings that count upwards are headings")
{
	look("sex,1,2,3\nm,20,30,40\nf,21,31,41\n");
	HASNT("T01_MIN_CELL");
	look("area,2019,2020\nx,20,30\n");
	HASNT("T01_MIN_CELL");
}

TEST(keys, "years, ages and populations are no counts")
{
	look("area,year,age,人口,患者数\nx,5,7,99999,20\n");
	HASNT("T01_MIN_CELL");
}

TEST(codes, "codes in front of a column of persons are keys")
{
	look("age,smoker,n\n50,0,20\n50,1,30\n60,0,40\n60,1,50\n");
	HASNT("T01_MIN_CELL");
	HASNT("T02_ZERO_CELL");
	look("age,smoker,n\n50,0,20\n50,1,7\n60,0,40\n60,1,50\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL block 3:3 10 0\n");
	look("age,died,n\n50,3,20\n60,4,30\n70,4,40\n");
	HAS("T01_MIN_CELL");
}

TEST(first_count, "a first column that is called persons holds counts")
{
	look("n,sex\n7,M\n40,F\n");
	HAS("T01_MIN_CELL");
}

TEST(worded, "a heading that only holds such a word hides no count")
{
	look("area,30-day deaths\nx,5\n");
	HAS("T01_MIN_CELL");
	look("area,hospital deaths\nx,5\n");
	HAS("T01_MIN_CELL");
	look("地域,被保険者数\nx,5\n");
	HAS("T01_MIN_CELL");
	look("area,yes or no\nx,5\n");
	HAS("T01_MIN_CELL");
}

TEST(fraction, "counts that were printed with a fraction are counts")
{
	look("g,n\na,7.0\nb,12.0\n");
	HAS("T01_MIN_CELL");
}

TEST(text_column, "words among counts hide none of them")
{
	look("g,n\na,few\nb,7\nc,50\n");
	HAS("T01_MIN_CELL");
}

TEST(table_one, "counts beside their percentages are counts in any column")
{
	look("Characteristic,Treated,Control\n"
	     "\"Age, mean (SD)\",54.3 (12.1),55.0 (11.9)\n"
	     "Male,40 (44.4%),41 (45.6%)\n"
	     "Cirrhosis,7 (7.8%),12 (13.3%)\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL block 4:2 10 0\n");
	look("g,n (%)\na,7 (3)\nb,200 (97)\n");
	CHECK(checking_found(&checking, "T01_MIN_CELL", SEVERITY_BLOCK));
}

TEST(sideways, "a count is known by the label of its row too")
{
	look("statistic,value\nn,7\nmean,54.3\nsd,12.1\n");
	HAS("T01_MIN_CELL");
	look("statistic,value\nn,70\nmean,5.5\nsd,3\n");
	HASNT("T01_MIN_CELL");
}

TEST(stated, "a small n in a text asks")
{
	look("g,x\nTreated (n=8),60\nControl (N = 80),50\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL flag 2:0 10 0\n");
	look("g,x\nmean=5,60\nn=0.5,50\nkn=4,60\nn=80,70\n");
	HASNT("T01_MIN_CELL");
}

TEST(one_column, "a table of one column is no table of labels")
{
	look("n\n7\n");
	HAS("T01_MIN_CELL");
}

TEST(nearly_all, "a group of whom nine in ten share a value is asked about")
{
	look("g,yes,no\na,91,10\n");
	HAS("T02_ZERO_CELL");
	look("g,yes,no\na,80,20\n");
	HASNT("T02_ZERO_CELL");
}

TEST(total_column, "a suppressed cell in a row with its total is found")
{
	look("g,x,y,Total\na,*,30,37\nb,20,40,60\n");
	HAS("T03_RECOVERABLE");
}

TEST(two_suppressed, "two suppressed cells with room between are asked about")
{
	look("g,n\na,*\nb,*\nc,50\nTotal,60\n");
	HASNT("T03_RECOVERABLE");
	HASNT("T04_BOUND");
	look("g,n\na,*\nb,*\nc,50\nTotal,62\n");
	CHECK(checking_found(&checking, "T04_BOUND", SEVERITY_FLAG));
	look("g,n\na,*\nb,*\nc,50\nTotal,66\n");
	CHECK(checking_found(&checking, "T04_BOUND", SEVERITY_BLOCK));
}

TEST(suppressed_total, "a total that was taken out too gives nothing away")
{
	look("g,n\na,*\nb,30\nTotal,*\n");
	HASNT("T03_RECOVERABLE");
	HASNT("T04_BOUND");
}

TEST(blank, "a blank cell is a suppressed one")
{
	look("g,n\na,\nb,31\nc,45\nTotal,80\n");
	HAS("T03_RECOVERABLE");
}

TEST(tight_mark, "a mark that says less than k says too much")
{
	look("g,n\na,<4\nb,31\n");
	CHECK(checking_found(&checking, "T04_BOUND", SEVERITY_BLOCK));
}

TEST(rounded, "tables rounded to five have no category of five left out")
{
	look("g,x,y\na,30,35\nb,40,45\nc,50,55\nd,60,65\nTotal,185,200\n");
	HASNT("T03_RECOVERABLE");
}

TEST(two_totals, "two rows of totals are not taken for a sum")
{
	look("g,n\na,30\nTotal,35\nb,40\nTotal,45\n");
	HASNT("T03_RECOVERABLE");
}

TEST(subtotals, "rows of subtotals and a grand total are sums if they add up")
{
	look("g,n,m\na,30,40\nb,20,41\nTotal,50,81\nc,*,42\nd,25,43\n"
	     "Total,30,85\nTotal,80,166\n");
	CHECK(checking_found(&checking, "T03_RECOVERABLE", SEVERITY_BLOCK));
	look("g,n,m\na,30,40\nb,20,41\nTotal,50,81\nc,*,42\nd,*,43\n"
	     "Total,12,85\nTotal,62,166\n");
	HAS("T04_BOUND");
	HASNT("T03_RECOVERABLE");
}

TEST(percent_words, "percentages of small groups block, others do not")
{
	look("g,n,割合\na,40,5.0\n");
	CHECK(checking_found(&checking, "T08_IMPLIED_COUNT", SEVERITY_BLOCK));
	look("g,n,rate %\na,400,25.0\nb,300,30.0\n");
	HASNT("T08_IMPLIED_COUNT");
}

TEST(percent_other, "a percentage of something else is not held against n")
{
	look("g,n,pct\na,30,11.1\nb,27,10.0\nc,29,14.3\n");
	HASNT("T08_IMPLIED_COUNT");
}

TEST(percent_maybe, "a percentage that may be a small count is asked about")
{
	look("g,n,pct\na,1000,1\n");
	CHECK(checking_found(&checking, "T08_IMPLIED_COUNT", SEVERITY_FLAG));
}

TEST(percentiles, "a percentile with few persons beyond it is asked about")
{
	look("var,n,p99\nbmi,400,40.1\n");
	HAS("T10_PERCENTILE");
	look("var,n,p95\nbmi,400,40.1\n");
	HASNT("T10_PERCENTILE");
	look("var,n,90th percentile\nbmi,40,40.1\n");
	HAS("T10_PERCENTILE");
}

TEST(no_base, "a mean without its persons is asked about")
{
	look("g,mean_bmi\na,22.4\n");
	HAS("T15_NO_BASE");
	look("g,n,mean_bmi\na,40,22.4\n");
	HASNT("T15_NO_BASE");
}

TEST(small_area, "below 2,000 inhabitants no count is released")
{
	look("市区町村,人口,患者数\nA村,1999,500\n");
	HAS("T13_SMALL_AREA");
	look("市区町村,人口,患者数\nB町,25000,14\n");
	HASNT("T13_SMALL_AREA");
}

TEST(censored, "persons who leave between two steps are counted")
{
	look("time,n_risk,n_event\n0,400,0\n1,400,20\n2,375,30\n");
	HAS("S01_KM_STEP");
}

TEST(formulas, "formulas are found, signs are not formulas")
{
	look("g,n\n\"=1+1\",20\n");
	HAS("F11_FORMULA");
	look("g,n\n\" @SUM(A1)\",20\n");
	HAS("F11_FORMULA");
	look("g,n\n\"-cmd|' /C calc'!A0\",20\n");
	HAS("F11_FORMULA");
	look("g,n\n-,20\n-0.5,30\n- other,40\n");
	HASNT("F11_FORMULA");
}

TEST(persons, "a column that names persons asks, whatever stands in it")
{
	look("patient_id,visits\n3,20\n4,30\n");
	CHECK_STR(checking_list(&checking), "I03_ID_SHAPE flag 1:1 0 0\n");
	look("患者氏名,件数\n山田,20\n");
	HAS("I03_ID_SHAPE");
	look("患者氏名の数,件数\n,20\n");
	HASNT("I03_ID_SHAPE");
}

TEST(records, "many rows with a key and no count look like records")
{
	char text[8192];
	size_t used = (size_t)snprintf(text, sizeof text, "id,bmi\n");

	for (int i = 0; i < 60; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 "p%d,%d.5\n", i, 20 + i);
	look(text);
	HAS("R02_MICRODATA_SHAPE");
	memcpy(text, "id,n  \n", 7);
	look(text);
}

TEST(rows, "a table of more rows than allowed blocks")
{
	AUTO_FREE char *text = malloc(100000);
	size_t used;

	CHECK(text != NULL);
	used = (size_t)snprintf(text, 100000, "g,n\n");
	for (int i = 0; i < 5001; i++)
		used += (size_t)snprintf(text + used, 100000 - used, "g%d,%d\n",
					 i, 100);
	look(text);
	HAS("F04_ROWS");
}

TEST(nested, "tables of which one is part of the other are compared")
{
	static const char all[] = "age,n\n50,110\n60,220\n";

	look(all);
	checking_file(&checking, "b.csv", "age,n\n60,217\n50,100\n", 20);
	HAS("D01_CELL_DIFF");
	look(all);
	checking_file(&checking, "b.csv", "age,n\n50,112\n60,217\n", 20);
	HASNT("D01_CELL_DIFF");
	look(all);
	checking_file(&checking, "b.csv", "sex,n\n50,109\n60,217\n", 20);
	CHECK(checking_found(&checking, "D01_CELL_DIFF", -1));
	look(all);
	checking_file(&checking, "b.csv", "age,m\n50,109\n60,217\n", 20);
	HASNT("D01_CELL_DIFF");
}

static void look_text(const char *text)
{
	checking_init(&checking);
	checking_file(&checking, "t.txt", text, strlen(text));
}

TEST(renamed, "a table that is called a text is a table all the same")
{
	look_text("g,n\na,7\nb,40\n");
	CHECK(checking_found(&checking, "T01_MIN_CELL", SEVERITY_BLOCK));
	look_text("Results\n\ng\tn\na\t50\nb\t*\nTotal\t53\n\nend\n");
	CHECK(checking_found(&checking, "T03_RECOVERABLE", SEVERITY_BLOCK));
}

TEST(markdown, "a table of Markdown is a table")
{
	look_text("# Results\n\n| g | E11 | I10 |\n|---|---:|---:|\n"
		  "| m | 34 | 51 |\n| f | 7 | 47 |\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL block 6:2 10 0\n");
}

TEST(printed, "tables as R and pandas print them are tables")
{
	look_text("     E11 I10\n  M   34  51\n  F    7  47\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL block 3:2 10 0\n");
	look_text("  sex  n  died\n0   M  90  20\n1   F  80   3\n");
	CHECK(checking_found(&checking, "T01_MIN_CELL", SEVERITY_BLOCK));
	look_text("\nage 50 - 59   44   20\nage 60 - 69   41    6\n");
	CHECK(checking_found(&checking, "T01_MIN_CELL", SEVERITY_BLOCK));
}

TEST(list, "single numbers at the ends of lines ask and do not block")
{
	look_text("cases in men 40\ncases in women 7\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL flag 2:2 10 0\n");
}

TEST(prose, "prose, rules and model summaries are no tables")
{
	look_text("We fitted a model, and then another, to the data.\n"
		  "It converged, after 3 steps, at last.\n"
		  "==========\n"
		  "R-squared: 0.894\nAdj. R-squared: 0.880\nAIC: 102.3\n");
	CHECK_STR(checking_list(&checking), "");
}

static void look_json(const char *text)
{
	checking_init(&checking);
	checking_file(&checking, "t.json", text, strlen(text));
}

TEST(objects, "objects with the same keys are the rows of a table")
{
	look_json("[{\"g\": \"a\", \"n\": 50},\n {\"g\": \"b\", "
		  "\"n\": 7}]\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL block 2:3 10 0\n");
	look_json("{\"M\": {\"x\": 30, \"y\": 40, \"total\": 70},\n"
		  "\"F\": {\"x\": \"*\", \"y\": 41, \"total\": 45}}\n");
	CHECK(checking_found(&checking, "T03_RECOVERABLE", SEVERITY_BLOCK));
}

TEST(arrays, "numbers in an array stand under its key")
{
	look_json("{\"n\": [50, 7], \"age\": [3, 4]}\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL block 1:3 10 0\n");
	look_json("[[50, 60], [70, 8]]\n");
	CHECK(checking_found(&checking, "T01_MIN_CELL", SEVERITY_BLOCK));
}

TEST(plain_json, "a document of settings and large counts is clear")
{
	look_json("{\"model\": \"cox\", \"age\": 5, \"n\": 400,\n"
		  "\"fit\": {\"hr\": 1.3, \"ok\": true, \"x\": null},\n"
		  "\"tags\": [], \"nested\": [[[{}]]]}\n");
	CHECK_STR(checking_list(&checking), "");
}

TEST(midpoint, "a heading that declares midpoint rounding is held to it")
{
	look("g,n_midpoint6\na,15\nb,16\n");
	CHECK_STR(checking_list(&checking), "T05_UNROUNDED block 3:2 6 0\n");
}

TEST(twins, "the same file twice is told")
{
	struct review_file file = { .number = 1,
				    .name = "a.txt",
				    .sha256 = (const uint8_t[32]){ 1 } };

	checking_init(&checking);
	review_begin(&checking.review, &file);
	file.number = 2;
	review_begin(&checking.review, &file);
	CHECK_STR(checking_list(&checking), "F14_DUPLICATE info 0:0 1 0\n");
}

TEST(earlier,
     "what cannot be read of a release is a finding of the whole check")
{
	const struct review_file file = { .number = 9,
					  .earlier = true,
					  .size = 5,
					  .name = "a.csv",
					  .sha256 = (const uint8_t[32]){ 1 } };

	checking_init(&checking);
	review_begin(&checking.review, &file);
	review_failed(&checking.review);
	HAS("E01_ENGINE");
	CHECK_INT(checking.review.findings.list[0].file, 0);
}

TEST(wide, "a table that is too wide to be checked blocks")
{
	AUTO_FREE char *text = malloc(5000);

	CHECK(text != NULL);
	memset(text, ',', 2000);
	text[2000] = '\0';
	look(text);
	HAS("E01_ENGINE");
}

TEST(place, "a finding says the line of the file and the cell of the row")
{
	look("g,n\n\"a\nb\",20\nc,7\n");
	CHECK_STR(checking_list(&checking), "T01_MIN_CELL block 4:2 10 0\n");
}

TAP_MAIN
