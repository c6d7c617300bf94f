/* The html form of a message, made fit for a frame of the page. */
#ifndef PK_PREVIEW_FORM_H
#define PK_PREVIEW_FORM_H

#include "preview/pictures.h"

/* Writes the html as the value of srcdoc="…". Its cid: pictures become data: URLs; those from
 * elsewhere a picture that says from where, counted in *remote; and elements that a browser would
 * connect for before it has asked the policy, or that lead out of the frame, get names that mean
 * nothing: no mail program follows them either. */
void pk_put_form(FILE *out, const prankcurl_message *message, pk_pictures *pictures,
                 size_t *remote);

#endif
