/*
 * The commands of `sycee`. Each takes its own argv (argv[0] is the command's name) and returns an
 * exit code of sysexits.h: 0 well, 64 usage, 65 wrong data, 66 no input, 69 unavailable, 70 our
 * fault, 74 input or output failed, 78 configuration.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

int cli_audit(int argc, char **argv);
int cli_backup(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_face(int argc, char **argv);
int cli_face_evaluate(int argc, char **argv);
int cli_face_replays(int argc, char **argv);
int cli_keys(int argc, char **argv);
int cli_openapi(int argc, char **argv);
int cli_migrate(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_payments(int argc, char **argv);
int cli_staff(int argc, char **argv);
int cli_eod(int argc, char **argv);
int cli_serve(int argc, char **argv);

#endif
