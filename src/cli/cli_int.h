#ifndef CLI_CLI_INT_H
#define CLI_CLI_INT_H

#include "cli/cli.h"

/*
 * cli_args.c: fills words and options, from argv[i] on. Options may stand
 * anywhere, "--" ends them, "-" is a word. CLI_USAGE: the reason was said.
 */
int cli_take_arguments(struct cli *c, int argc, char **argv, int i) MUST_CHECK;

#endif
