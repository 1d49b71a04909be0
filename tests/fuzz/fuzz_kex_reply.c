/* The key exchange reply that the worker claims to have received. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "known_hosts/proof.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char h[64] = "what no host has ever signed";
	static const size_t lengths[] = { 32, 48, 64 };
	struct ferry_error err;
	struct proof p;
	char type[64];

	proof_key_type(data, size, type, sizeof(type));
	if (proof_parse(&p, data, size, &err) != 0)
		return 0;
	if (p.key < data || p.key + p.key_len > data + size ||
	    p.signature < data || p.signature + p.signature_len > data + size)
		abort();
	proof_key_type(p.key, p.key_len, type, sizeof(type));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		proof_verify(&p, h, lengths[i], &err);
	return 0;
}
