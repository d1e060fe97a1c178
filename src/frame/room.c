#include "frame/room.h"

#include "base/check.h"

static size_t room_count(const struct room_parts *const *rooms)
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
    size_t count = room_count(house->rooms);
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
    size_t count = house->rooms ? room_count(house->rooms) : 0;
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
