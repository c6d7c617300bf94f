#include "cli/output.h"

#include "base/text.h"

void pk_print_padded(FILE *out, const char *text, size_t width)
{
    size_t used = pk_display_width(text);
    int blanks = used < width ? (int)(width - used) : 0;
    (void)fprintf(out, "%s%*s", text, blanks, "");
}

cJSON *pk_json_person(const prankcurl_person *person)
{
    cJSON *object = cJSON_CreateObject();
    if (object && pk_json_add_text(object, "name", prankcurl_person_name(person)) &&
        pk_json_add_text(object, "address", prankcurl_person_address(person))) {
        return object;
    }
    cJSON_Delete(object);
    return NULL;
}
