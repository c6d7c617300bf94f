/* The page's style sheet, built into the program (cmake/EmbedFiles.cmake). */
#ifndef PK_PREVIEW_STYLE_H
#define PK_PREVIEW_STYLE_H

#include <stddef.h>

typedef struct pk_preview_file {
    const char *path;
    const char *type;
    const unsigned char *bytes;
    size_t len;
} pk_preview_file;

/* style.css, and the end. */
extern const pk_preview_file pk_preview_files[];

#endif
