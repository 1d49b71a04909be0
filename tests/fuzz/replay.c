/*
 * replay: feed every file of the given folders to a fuzz target, once.  A test;
 * it lets a compiler without libFuzzer keep what the fuzzer has found fixed.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly its size, so that a read past the end is noticed. */
static void
replay_bytes(const uint8_t *data, size_t size)
{
	uint8_t *copy = calloc(1, size > 0 ? size : 1);

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int
replay_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL) {
		perror(path);
		return -1;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	fprintf(stderr, "%s\n", path);
	replay_bytes(data, size);
	return 0;
}

static int
replay_folder(const char *folder)
{
	struct dirent *entry;
	char path[4096];
	int files = 0;
	DIR *dir = opendir(folder);

	if (dir == NULL) {
		perror(folder);
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (replay_file(path) < 0) {
			files = -1;
			break;
		}
		files++;
	}
	closedir(dir);
	return files;
}

int
main(int argc, char **argv)
{
	int i;

	replay_bytes(NULL, 0);
	for (i = 1; i < argc; i++)
		if (replay_folder(argv[i]) <= 0) {
			fprintf(stderr, "%s: no samples\n", argv[i]);
			return 1;
		}
	return 0;
}
