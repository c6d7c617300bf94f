#include "message/first_name.h"

#include "base/text.h"

#include <string.h>
#include <unictype.h>

/* A part of a name. */
typedef struct word {
    const char *text;
    size_t len;
} word;

/* What stands before a name, in lower case and without a dot. */
static const char *const titles[] = {
    "dr",      "prof",         "professor",   "doctor",        "mr",     "mrs",
    "ms",      "miss",         "mx",          "sir",           "madam",  "dame",
    "lady",    "lord",         "rev",         "hon",           "capt",   "herr",
    "frau",    "hr",           "fr",          "dipl",          "ing",    "dipl.-ing",
    "mag",     "med",          "phil",        "monsieur",      "madame", "mme",
    "mlle",    "mademoiselle", "maître",      "señor",         "señora", "sr",
    "sra",     "srta",         "don",         "doña",          "sig",    "signor",
    "signora", "sig.ra",       "dott",        "dott.ssa",      "dra",    "mevr",
    "dhr",     "pan",          "pani",        "фрау",          "г-н",    "г-жа",
    "rektor",  "rektorin",     "hausmeister", "hausmeisterin",
};

/* What a name of several people, or of a place, begins with. */
static const char *const groups[] = {
    "familie",     "family", "famille", "klasse", "class",  "classe", "team",
    "gruppe",      "group",  "fam",     "die",    "das",    "the",    "les",
    "sekretariat", "office", "info",    "schule", "school",
};

/* What stands behind a name and its comma. */
static const char *const suffixes[] = {
    "jr",   "sr",  "ii",   "iii", "iv",  "phd", "ph.d", "md",  "m.d", "msc",
    "m.sc", "bsc", "b.sc", "mba", "esq", "ma",  "ba",   "dds", "llm",
};

/* Scripts that put no blanks between words; in the first of them the family's name comes first. */
static const char *const family_first[] = {"Han", "Hangul", "Hiragana", "Bopomofo"};
static const char *const unspaced[] = {"Han",  "Hangul", "Hiragana", "Katakana", "Bopomofo",
                                       "Thai", "Lao",    "Khmer",    "Myanmar",  "Tibetan"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_among(const word *w, const char *const *table, size_t count)
{
    size_t len = w->len - (w->len > 1 && w->text[w->len - 1] == '.' ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        if (strlen(table[i]) == len && pk_ascii_equal_nocase(table[i], w->text, len)) {
            return true;
        }
    }
    return false;
}

/* The next word of the text until end; len 0: there is none. */
static word next_word(const char **at, const char *end)
{
    word found = {NULL, 0};
    while (*at < end) {
        uint32_t c = 0;
        size_t step = pk_utf8_next(*at, &c);
        bool is_blank = uc_is_property_white_space(c);
        if (is_blank && found.text) {
            break;
        }
        if (!is_blank && !found.text) {
            found.text = *at;
        }
        *at += step;
        found.len = found.text ? (size_t)(*at - found.text) : 0;
    }
    return found;
}

static bool is_suffixes(const char *at)
{
    const char *end = at + strlen(at);
    word w = next_word(&at, end);
    while (w.len > 0) {
        w.len -= w.text[w.len - 1] == ',' ? 1 : 0;
        if (!is_among(&w, suffixes, COUNT(suffixes))) {
            return false;
        }
        w = next_word(&at, end);
    }
    return true;
}

static bool is_of_script(const word *w, const char *const *scripts, size_t count)
{
    uint32_t c = 0;
    (void)pk_utf8_next(w->text, &c);
    const uc_script_t *script = uc_script(c);
    for (size_t i = 0; script && i < count; i++) {
        if (strcmp(script->name, scripts[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* "J." and "J" stand for a name, and are none. */
static bool is_initial(const word *w)
{
    uint32_t c = 0;
    size_t step = pk_utf8_next(w->text, &c);
    return w->text[w->len - 1] == '.' ||
           (step == w->len && !is_of_script(w, unspaced, COUNT(unspaced)));
}

static bool is_name(const word *w)
{
    uint32_t c = 0;
    if (w->len == 0) {
        return false;
    }
    for (size_t i = 0; i < w->len; i++) {
        char sign = w->text[i]; /* of an address, a room, a class */
        if (sign == '@' || sign == '.' || (sign >= '0' && sign <= '9')) {
            return false;
        }
    }
    (void)pk_utf8_next(w->text, &c);
    return uc_is_alpha(c) && !is_initial(w);
}

/* "MÜLLER", as forms write the family's name. */
static bool is_capitals(const word *w)
{
    size_t count = 0;
    for (size_t i = 0; i < w->len; count++) {
        uint32_t c = 0;
        i += pk_utf8_next(w->text + i, &c);
        if (uc_is_alpha(c) && !uc_is_upper(c)) {
            return false;
        }
    }
    return count > 2; /* "JP Morgan" */
}

static bool answer(const word *w, const char **out, size_t *len)
{
    *out = w->text;
    *len = w->len;
    return is_name(w);
}

/* Names of scripts without blanks: "山田 太郎" has its blank, "王小明" has none. */
static bool tell_unspaced(const word *first, const word *second, bool is_alone, const char **out,
                          size_t *len)
{
    if (second->len == 0 || !is_alone) {
        return false;
    }
    if (is_of_script(first, family_first, COUNT(family_first))) {
        return answer(second, out, len);
    }
    /* Katakana are for names from elsewhere, too: either order may be meant. */
    bool is_katakana = is_of_script(first, (const char *const[]){"Katakana"}, 1);
    return !is_katakana && answer(first, out, len);
}

bool pk_first_name(const char *name, const char **out, size_t *len)
{
    const char *at = name;
    const char *end = name + strlen(name);
    const char *comma = strchr(name, ',');
    bool is_turned = comma && !is_suffixes(comma + 1); /* "Müller, Zoé" */
    if (is_turned) {
        at = comma + 1;
        comma = strchr(at, ',');
    }
    end = comma ? comma : end;
    bool has_title = false;
    word first = next_word(&at, end);
    while (first.len > 0 && is_among(&first, titles, COUNT(titles))) {
        has_title = true;
        first = next_word(&at, end);
    }
    if (first.len == 0 || is_among(&first, groups, COUNT(groups))) {
        return false;
    }
    word second = next_word(&at, end);
    if (is_of_script(&first, unspaced, COUNT(unspaced))) {
        return tell_unspaced(&first, &second, !is_turned && next_word(&at, end).len == 0, out, len);
    }
    if (has_title && !is_turned && second.len == 0) {
        return false; /* "Frau Müller" */
    }
    bool is_family = !is_turned && is_name(&first) && is_capitals(&first) && is_name(&second) &&
                     !is_capitals(&second);
    return answer(is_family ? &second : &first, out, len);
}
