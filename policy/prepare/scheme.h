/*
 * scheme - a recipe's source beside the header of its file: what becomes of
 * each field, with the keys and tables that are needed.
 *
 * Made once a source and then only read, by all threads.
 */
#ifndef POLICY_PREPARE_SCHEME_H
#define POLICY_PREPARE_SCHEME_H

#include "policy/prepare/bundle.h"
#include "policy/prepare/calendar.h"
#include "policy/prepare/csv.h"
#include "policy/prepare/map.h"
#include "policy/prepare/prf.h"
#include "policy/prepare/recipe.h"

/* What every value needs comes first, to lie together. */
struct step {
	enum do_what what;
	bool plain;	  /* keeps every value */
	bool of_subject;  /* its value is the subject, normalised */
	bool label_clean; /* needs no quotes, whatever is filled in */
	unsigned int normalize;
	const struct action *action;
	size_t label_len;
	struct date_form in, out; /* of a date, and of the result */
	uint32_t rare;		  /* number of this rare in the source */
	uint32_t nlinks, *links;  /* fields of a link key */
	struct map map;
	struct prf prf; /* of a pseudonym */
};

/* One column of the result. */
struct scheme_column {
	const struct column *column;
	uint32_t from; /* field of the source */
	uint32_t nsteps;
	struct step *steps;
	bool plain;	/* keeps every value */
	long last_rare; /* step, or -1: what pass 1 must look at */
	/* The first steps, whose result depends on the value alone; and the
	 * number of the memo for them, or -1. */
	uint32_t pure;
	int memo;
};

struct scheme {
	const struct source *source;
	uint32_t nfields;
	uint32_t subject; /* field, if the source has one */
	bool commas; /* separate its fields: a field without quotes has none */
	bool shifts; /* a date shifts by subject */
	struct prf shift; /* of the subject's domain */
	uint32_t ncolumns, nrares, nmemos;
	struct scheme_column *columns;
};

/* What all sources of a preparation share. */
struct preparation {
	const struct recipe *recipe;
	int sources;	    /* the folder that paths begin at */
	const uint8_t *key; /* that of the permit, or of its linkage */
	struct bundle *bundle;
	struct spill *pseudonyms;
	uint32_t threads;
};

/* The caller calls scheme_clear in any case. */
int scheme_make(struct scheme *scheme, const struct source *source,
		const struct preparation *preparation,
		const struct csv_field *header, uint32_t nfields,
		struct fault *fault);
void scheme_clear(struct scheme *scheme);

/* The form of the year or month that a date action leaves. */
const char *result_form(const struct action *action);

/* The column of the result that stands for the subject, or -1. */
long scheme_subject_column(const struct scheme *scheme);
/* The field of a name, or nfields. */
uint32_t find_field(const struct csv_field *header, uint32_t nfields,
		    const char *name);

#endif
