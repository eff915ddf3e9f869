#include <stdio.h>
#include <string.h>

#include "daemon/serve.h"

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		return serve_main(argc - 1, argv + 1);
	(void)fputs("usage: mailstead serve\n", stderr);
	return 2;
}
