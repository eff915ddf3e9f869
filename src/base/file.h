/*
 * All of some bytes, to or from a file: read(2) and write(2) may do less, and
 * may be interrupted.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/base.h"
#include "base/status.h"
#include "base/str.h"

/* What errno says of a file that could not be made or written. */
enum status file_errno(void);

enum status file_write(int fd, struct str bytes) MUST_CHECK;
enum status file_pwrite(int fd, struct str bytes, uint64_t at) MUST_CHECK;
/* How many bytes there were, n unless the file ends before; -1 and errno. */
ssize_t file_pread(int fd, char *to, size_t n, uint64_t at);

#endif
