/* One prank's part of the page. */
#ifndef PK_PREVIEW_PRANK_H
#define PK_PREVIEW_PRANK_H

#include "preview/fields.h"
#include "preview/invitation.h"
#include "preview/pictures.h"
#include "preview/preview.h"

/* What is needed while a page is written, used again from prank to prank. */
typedef struct pk_page {
    const pk_preview *preview;
    FILE *out;
    prankcurl_message *message;
    pk_pictures pictures;
    pk_field_shown field;
    pk_invitation invitation;
} pk_page;

/* Composes the i-th prank that is shown, and writes its article. */
prankcurl_status pk_put_prank(pk_page *page, size_t i, prankcurl_error *error);

#endif
