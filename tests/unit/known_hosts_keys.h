/*
 * Public host keys made by ssh-keygen for these tests; nobody has their private
 * halves.
 */
#ifndef TESTS_KNOWN_HOSTS_KEYS_H
#define TESTS_KNOWN_HOSTS_KEYS_H

#define KEY_ED_A \
	"AAAAC3NzaC1lZDI1NTE5AAAAIL9aog+JGvyfRVdYMHAlm/sCKSObpf7lGslPO/ojg+Cw"
#define KEY_ED_B \
	"AAAAC3NzaC1lZDI1NTE5AAAAIMN2Tl1bDgqQ9Dx5L+qLaUNd8GnJOYSoGE8rplIVIdnm"
#define KEY_ED_C \
	"AAAAC3NzaC1lZDI1NTE5AAAAIHFioJUHxMtsmigtYbpScxvKjd1bqslYPhk7Y69b/GRT"
#define KEY_P256                                                               \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAnbxvv9loL8J1s7" \
	"9zRSL3i5oBlXtaYnGcQYtHC3lvI1DndmBk4bj69uq6BMkDyR52aUJf2IO8fRVHQT1fU9" \
	"WEI="
#define KEY_P384                                                               \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEzmVwlHaa080h/X" \
	"9Nq1B9uZFyka+iguVyrwqCEkBVlJYWkOoAH+CXIe5h6z1rs6SHmfwC2ucIGPbQst374H" \
	"4ravEaa9D63eqoihHy4T7nlhqxHLbDi4uI3Cfm5v76PAyA=="
#define KEY_P521                                                               \
	"AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGI/V7qePh7fjCD" \
	"qiYh2XcPgxf3J3mYywwm9ku8Omk83wir6vcymHNXORk0SHiimH3/PUNN9PmlM/CC0Gym" \
	"TNxeNAEQ5gYRHiTU3FJpiWkxgsyMRJRGDeKtTN079CNKJmuEchZMhczg16GAD6KVlr7f" \
	"q1Tu4H5ONeDnkoogEmpru31hgg=="
#define KEY_RSA                                                                \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQCfzHOcydE130nnx0CB8guSk+jEJH2qKX6mnNiR" \
	"2C3Sbr9I4wJzDkJQ4BokLtm7LvB9yiZj9WD3b7+HSzyVxNl4IOqQ1kjhCeuRgiNY69i7" \
	"Ilsbd9YDIkOKtR5f4wRgtIBGkj5/j8/b2HM7yTMpBjryv+ArGhD7ikUFFySGNxC5PmLP" \
	"HnpiZR32II5eKENer93I0S4oXYymM3C6PYHLx31DhNovwojKqNbDCVltH930K8T42raZ" \
	"Zy5ZFRpeBJXClo4B+jzl01w9So4DaeIFTSI9pXKcUEutVVZitCMXAjr0Xsx1rqnMoBmD" \
	"OQYMEiI5nHiUnxgJreRjQrdobrPZXHd/"
#define KEY_DSA                                                                \
	"AAAAB3NzaC1kc3MAAACBAMnl0CtsJaoJQjrnBKUIRhCnU8DT6ZzAD84DUZiu8r6k8de2" \
	"o/hrMu+Px61Fcs0EhF7In50Gyyw1JFtaYLURDpfI+2vqpKrpDgTtf9dUOT8Qi4obDIa+" \
	"ACForpQeXCGo4C2LHQGPZLa1a2FYm1cXMC3l92PlDDwLYgkBEZv/wLhRAAAAFQDRUlNn" \
	"XBbanWC1Ay34UbyPz8YSDwAAAIBFyy0eBjWyln5Ji9A4OttwBytLK48VZ04cATDCnKIM" \
	"HhWrRBzIo2R4ghG/be9qqrfpdu07mNNL4K/wR378ZBGUzxDMhaumYyCj/8v3od3wL1hr" \
	"DF6Cg4dRW+cmYBEIMGT66cLqQ7nAGkn93dhId6VtmdPw8ZMAhZq5E1kE0CCxfAAAAIBU" \
	"Xh4/rR1AJQSwZhlcxZAcVqVC++uULcD0ltXm8LKqj3ElIGVSvHmV1LfAkoYWvMeJDM2j" \
	"icbVRgwTd8oW757QJYLTYlq7PypqyWE+IeLcEzyvycMeCLZBnUfEDQ0QsUuQmjQeSKd3" \
	"zxnrBjjz9rjK76LZ/WrDE+rg4dJy6Jcqxg=="

#define LINE_ED_A "ssh-ed25519 " KEY_ED_A
#define LINE_ED_B "ssh-ed25519 " KEY_ED_B
#define LINE_ED_C "ssh-ed25519 " KEY_ED_C
#define LINE_P256 "ecdsa-sha2-nistp256 " KEY_P256
#define LINE_P384 "ecdsa-sha2-nistp384 " KEY_P384
#define LINE_P521 "ecdsa-sha2-nistp521 " KEY_P521
#define LINE_RSA "ssh-rsa " KEY_RSA
#define LINE_DSA "ssh-dss " KEY_DSA

#endif
