/* The kinds of things in a template's context, told apart by their functions. */
#ifndef PK_MESSAGE_CONTEXT_OPS_H
#define PK_MESSAGE_CONTEXT_OPS_H

#include "mustache/mustache.h"

extern const pk_value_ops pk_root_ops;
extern const pk_value_ops pk_campaign_ops;
extern const pk_value_ops pk_group_ops;
extern const pk_value_ops pk_person_ops;
extern const pk_value_ops pk_vars_ops;
extern const pk_value_ops pk_recipients_ops;

#endif
