/*
 * unnamed - SQLite over a file that has no name.
 *
 * SQLite opens files by name; the files of a bundle have none until all of it
 * is done. This small VFS gives it one descriptor as the database and files
 * without names for what it sorts. No journal, no locks: nobody else can see
 * the file, and a preparation that fails throws it away.
 */
#ifndef POLICY_PREPARE_UNNAMED_H
#define POLICY_PREPARE_UNNAMED_H

struct bundle;
struct sqlite3;

/* Open fd, which stays the caller's and must outlive the database; scratch
 * files go to the bundle's folder. One at a time in a process. An SQLite
 * code; *db is to be closed in any case. */
int unnamed_open(const struct bundle *bundle, int fd, struct sqlite3 **db);
/* errno of the last write that failed, or 0. */
int unnamed_errno(void);

#endif
