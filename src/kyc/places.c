/* The region of a position: that of the nearest place of share/places.tsv. */
#include "base/tsv.h"
#include "kyc/kyc_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX      1000
#define COLUMN_COUNT    4
#define EARTH_RADIUS_KM 6371.0
#define ABROAD          "000000"

struct place {
    char code[CUSTOMER_REGION_SIZE];
    int64_t latitude_e6, longitude_e6;
};
struct places {
    size_t count;
    struct place items[PLACES_MAX];
};

static enum err read_row(const struct tsv_row *row, struct place *out)
{
    const char *code = row->columns[0];
    if (strlen(code) != CUSTOMER_REGION_SIZE - 1 || strspn(code, "0123456789") != 6) {
        return ERR_INVALID_FIELD;
    }
    memcpy(out->code, code, sizeof out->code);
    enum err err = place_degrees_parse(row->columns[1], 90, &out->latitude_e6);
    return err != ERR_OK ? err : place_degrees_parse(row->columns[2], 180, &out->longitude_e6);
}

enum err places_load(const char *path, struct places **out)
{
    struct tsv tsv;
    enum err err = tsv_load(path, COLUMN_COUNT, &tsv);
    if (err != ERR_OK) {
        return err;
    }
    struct places *places = calloc(1, sizeof *places);
    err = places == NULL                                     ? ERR_NO_MEMORY
          : tsv.row_count == 0 || tsv.row_count > PLACES_MAX ? ERR_INVALID_FIELD
                                                             : ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < tsv.row_count; i++) {
        err = read_row(&tsv.rows[i], &places->items[places->count++]);
    }
    tsv_release(&tsv);
    if (err != ERR_OK) {
        free(places);
        return err;
    }
    *out = places;
    return ERR_OK;
}

void places_release(struct places *places)
{
    free(places);
}

static double radians(int64_t degrees_e6)
{
    return (double)degrees_e6 * 1e-6 * acos(-1.0) / 180.0;
}

/* Great-circle distance (haversine): an error of a few tenths of a per cent is acceptable. */
static double distance_km(int64_t latitude_e6, int64_t longitude_e6, const struct place *place)
{
    double a = radians(latitude_e6);
    double b = radians(place->latitude_e6);
    double half_lat = sin((b - a) / 2);
    double half_lon = sin((radians(place->longitude_e6) - radians(longitude_e6)) / 2);
    double h = half_lat * half_lat + cos(a) * cos(b) * half_lon * half_lon;
    return 2 * EARTH_RADIUS_KM * asin(sqrt(h < 1.0 ? h : 1.0));
}

const char *places_nearest(const struct places *places, int64_t latitude_e6, int64_t longitude_e6,
                           int *out_km)
{
    const struct place *nearest = &places->items[0];
    double least = distance_km(latitude_e6, longitude_e6, nearest);
    for (size_t i = 1; i < places->count; i++) {
        double km = distance_km(latitude_e6, longitude_e6, &places->items[i]);
        if (km < least) {
            least = km;
            nearest = &places->items[i];
        }
    }
    *out_km = (int)least;
    return nearest->code;
}
