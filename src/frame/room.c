#include "frame/room.h"

#include "base/check.h"

#include <string.h>

size_t house_room_count(const struct room_parts *const *rooms)
{
    size_t count = 0;
    while (rooms[count] != NULL) {
        CHECK(count < ROOMS_MAX);
        CHECK(rooms[count]->name != NULL);
        count++;
    }
    return count;
}

enum err house_open_rooms(struct house *house, struct fault *out_fault)
{
    CHECK(house->rooms != NULL);
    size_t count = house_room_count(house->rooms);
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++) {
        const struct room_parts *room = house->rooms[i];
        struct fault fault = {0};
        CHECK(house->states[i] == NULL);
        err = room->open ? room->open(house, &house->states[i], &fault) : ERR_OK;
        if (err && fault.text[0] == '\0') {
            fault_write(&fault, "%s: could not be opened: %s", room->name, err_slug(err));
        }
        if (err && out_fault != NULL) {
            *out_fault = fault;
        }
    }
    if (err) {
        house_close_rooms(house);
    }
    return err;
}

void house_close_rooms(struct house *house)
{
    size_t count = house->rooms ? house_room_count(house->rooms) : 0;
    for (size_t i = count; i > 0; i--) {
        void *state = house->states[i - 1];
        house->states[i - 1] = NULL;
        if (state != NULL && house->rooms[i - 1]->close != NULL) {
            house->rooms[i - 1]->close(state);
        }
    }
}

void *house_room(const struct house *house, const struct room_parts *parts)
{
    CHECK(house->rooms != NULL);
    size_t i = 0;
    while (house->rooms[i] != parts) {
        CHECK(house->rooms[i] != NULL);
        i++;
    }
    return house->states[i];
}

static size_t job_named(const struct job_row *const *rows, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(rows[i]->name, name) != 0) {
        i++;
    }
    return i;
}

size_t house_jobs(const struct room_parts *const *rooms, const struct job_row *out[JOBS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        for (const struct job_row *row = rooms[i]->jobs; row != NULL && row->name != NULL; row++) {
            CHECK(count < JOBS_MAX);
            CHECK(job_named(out, count, row->name) == count);
            size_t at = count++;
            for (; at > 0 && out[at - 1]->place > row->place; at--) {
                out[at] = out[at - 1];
            }
            out[at] = row;
        }
    }
    return count;
}

size_t house_steps(const struct room_parts *const *rooms, const struct eod_step *out[EOD_STEPS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        for (const struct eod_step *step = rooms[i]->steps; step != NULL && step->name != NULL;
             step++) {
            CHECK(count < EOD_STEPS_MAX);
            CHECK(strlen(step->name) < EOD_NAME_SIZE);
            for (size_t k = 0; k < count; k++) {
                CHECK(strcmp(out[k]->name, step->name) != 0); /* the name is the key of its rows */
            }
            out[count++] = step;
        }
    }
    return count;
}

size_t house_reactions(const struct room_parts *const *rooms,
                       const struct reaction *out[REACTIONS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        for (const struct reaction *row = rooms[i]->reactions; row != NULL && row->topic != NULL;
             row++) {
            CHECK(count < REACTIONS_MAX);
            CHECK((row->lane != NULL) == (row->react != NULL));
            CHECK((row->lane == NULL) == (row->news != NULL));
            for (size_t k = 0; k < count; k++) {
                CHECK(strcmp(out[k]->topic, row->topic) != 0);
            }
            out[count++] = row;
        }
    }
    return count;
}

size_t house_lanes(const struct room_parts *const *rooms, struct lane_row out[LANES_MAX + 1])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        for (const struct lane_row *row = rooms[i]->lanes; row != NULL && row->name != NULL;
             row++) {
            CHECK(count < LANES_MAX);
            for (size_t k = 0; k < count; k++) {
                CHECK(strcmp(out[k].name, row->name) != 0);
            }
            out[count++] = *row;
        }
    }
    out[count] = (struct lane_row){0};
    return count;
}

size_t house_messages(const struct room_parts *const *rooms,
                      const struct message_row *out[MESSAGE_ROWS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        for (const struct message_row *const *row = rooms[i]->messages; row && *row; row++) {
            CHECK(count < MESSAGE_ROWS_MAX);
            CHECK((*row)->number > 0 && (*row)->name != NULL);
            for (int lang = 0; lang < 2; lang++) {
                CHECK((*row)->title[lang] != NULL && (*row)->text[lang] != NULL);
            }
            for (size_t k = 0; k < count; k++) {
                CHECK(out[k]->number != (*row)->number);
                CHECK(strcmp(out[k]->name, (*row)->name) != 0);
            }
            out[count++] = *row;
        }
    }
    return count;
}

size_t house_retention(const struct room_parts *const *rooms,
                       const struct retention_row *out[RETENTION_ROWS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        for (const struct retention_row *row = rooms[i]->retention; row && row->kind; row++) {
            CHECK(count < RETENTION_ROWS_MAX);
            for (size_t k = 0; k < count; k++) {
                CHECK(strcmp(out[k]->kind, row->kind) != 0);
            }
            size_t at = count++;
            for (; at > 0 && out[at - 1]->place > row->place; at--) {
                out[at] = out[at - 1];
            }
            out[at] = row;
        }
    }
    return count;
}

size_t house_obstacles(const struct room_parts *const *rooms,
                       const struct obstacle_row *out[OBSTACLES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        for (const struct obstacle_row *row = rooms[i]->obstacles; row && row->name; row++) {
            CHECK(count < OBSTACLES_MAX);
            for (size_t k = 0; k < count; k++) {
                CHECK(strcmp(out[k]->name, row->name) != 0);
            }
            size_t at = count++;
            for (; at > 0 && out[at - 1]->place > row->place; at--) {
                out[at] = out[at - 1];
            }
            out[at] = row;
        }
    }
    return count;
}

void house_parameters(const struct room_parts *const *rooms,
                      const struct parameter_list *out[CATALOGUE_LISTS_MAX + 1])
{
    size_t count = 0;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        if (rooms[i]->parameters != NULL) {
            CHECK(count < CATALOGUE_LISTS_MAX);
            out[count++] = rooms[i]->parameters;
        }
    }
    out[count] = NULL;
}

enum err house_share_path(const struct house *house, const char *name, char out[FILE_PATH_MAX])
{
    CHECK(name != NULL);
    CHECK(house->share[0] != '\0');
    return file_join(house->share, name, out);
}

void house_share_fault(const char *path, enum err err, struct fault *out_fault)
{
    CHECK(err != ERR_OK);
    fault_write_setting(out_fault, "%s: could not be loaded: %s (server.share)", path,
                        err == ERR_NOT_FOUND ? "no such file" : err_slug(err));
}
