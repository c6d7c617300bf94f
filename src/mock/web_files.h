/* The files of the page, built into the program (cmake/EmbedFiles.cmake). */
#ifndef PM_WEB_FILES_H
#define PM_WEB_FILES_H

#include <stddef.h>

typedef struct pm_web_file {
    const char *path; /* in the URL, as "/app.js" */
    const char *type;
    const unsigned char *bytes;
    size_t len;
} pm_web_file;

/* Ended by one without a path. */
extern const pm_web_file pm_web_files[];

#endif
