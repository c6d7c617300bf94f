/**
 * @file prankcurl.h
 * All of libprankcurl: campaign, plan, message, delivery.
 *
 * The library never prints, never exits and never changes the locale; it keeps no global state.
 * What a function gives through `**out` is owned by the caller and freed by the `_free` of its
 * type; what a getter returns is lent by its object.
 */
#ifndef PRANKCURL_PRANKCURL_H
#define PRANKCURL_PRANKCURL_H

#include <prankcurl/campaign.h>
#include <prankcurl/delivery.h>
#include <prankcurl/error.h>
#include <prankcurl/ledger.h>
#include <prankcurl/message.h>
#include <prankcurl/plan.h>
#include <prankcurl/version.h>

#endif
