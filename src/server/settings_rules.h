/*
 * Settings that each look right and are wrong by their meaning or together, and those with which a
 * bank must not face real customers. `serve` refuses to start with any; `check` lists them.
 * Reads the certificate's and key's files; changes nothing.
 */
#ifndef SERVER_SETTINGS_RULES_H
#define SERVER_SETTINGS_RULES_H

#include "sys/config.h"
#include "sys/fault.h"

#define SETTINGS_FINDINGS_MAX 32

struct settings_findings {
    struct fault rows[SETTINGS_FINDINGS_MAX];
    size_t count;
};

/* outside.is_sandbox=false: a bank for real customers. */
bool settings_is_production(const struct config *config);
/* Each finding is one line that begins with the setting's name. */
void settings_judge(const struct config *config, struct settings_findings *out);

#endif
