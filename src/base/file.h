/* Files that a campaign names. */
#ifndef PK_BASE_FILE_H
#define PK_BASE_FILE_H

#include "base/buf.h"
#include "base/error.h"

/* Appends a whole file to out, whose maximum bounds it. place is put into the error. */
prankcurl_status pk_file_read(const char *path, const pk_place *place, pk_buf *out,
                              prankcurl_error *error);

/* For a file too large for memory: *fd is the caller's to close, -1 when it could not be opened. */
prankcurl_status pk_file_open(const char *path, const pk_place *place, int *fd,
                              prankcurl_error *error);
/* Reads up to size bytes, and returns how many; 0: the end; -1: *error tells why not. */
long pk_file_read_block(int fd, const char *path, const pk_place *place, char *block, size_t size,
                        prankcurl_error *error);

/* pk_file_read() for a file that a campaign names: pipes, which may never end or begin, and devices
 * are refused. */
prankcurl_status pk_file_read_regular(const char *path, const pk_place *place, pk_buf *out,
                                      prankcurl_error *error);

/* pk_file_read() for what others may have put into a folder: it must be a regular file, and no
 * link. */
prankcurl_status pk_file_read_untrusted(const char *path, pk_buf *out, prankcurl_error *error);

/* Whether there is a file that can be read; what errors it tells are those of pk_file_read(). */
prankcurl_status pk_file_check(const char *path, const pk_place *place, prankcurl_error *error);

/* Makes a folder, and all above it that are missing, for the user alone. CANNOT_CREATE: it can't be
 * made. One that is there is fine. */
prankcurl_status pk_folder_make(const char *path, prankcurl_error *error);

/* The folder a file lies in: "." for a bare name. Appended to out. */
void pk_file_folder(const char *path, pk_buf *out);

/* Joins name to folder. Unless outside is allowed, the file, with links resolved, must lie below
 * the folder: a campaign from somebody else must not mail your private files. */
prankcurl_status pk_file_resolve(const char *folder, const char *name, bool allow_outside,
                                 const pk_place *place, pk_buf *out, prankcurl_error *error);

#endif
