#!/usr/bin/env python3
"""Publish a folder: minimal.py FOLDER URL KEY [WORKER]"""
import ctypes as c
import getpass, json, os, select, sys

lib = c.CDLL("libsandferry.so.0")
lib.ferry_event_json.argtypes = c.c_void_p, c.c_char_p, c.c_size_t
PUBLISH = 0  # of enum ferry_verb

class Error(c.Structure):  # struct ferry_error
    _fields_ = [("code", c.c_int), ("os_errno", c.c_int),
        ("wire_code", c.c_int), ("id", c.c_char * 32),
        ("text", c.c_char * 240), ("hint", c.c_char * 240)]

def members(text):  # "name:type ...", by the one-letter codes of ctypes
    types = {t._type_: t for t in (c.c_bool, c.c_int, c.c_size_t, c.c_char_p)}
    return [(m[:-2], types[m[-1]]) for m in text.split()]

class Options(c.Structure):  # struct ferry_options, as far as it is used here
    _fields_ = members("""size:L key_file:z certificate_file:z use_password:?
        secret_fd:i credentials_dir:z keyring:? save_secret:? askpass:z
        may_ask:? plain_ftp:? authorities:z client_certificate:z known_hosts:z
        fallback_known_hosts:z system_known_hosts:z check_host_ip:? state_dir:z
        access_file:z app_secret_file:z worker:z""")

    def __init__(self, **chosen):
        lib.ferry_options_fill(c.byref(self), c.c_size_t(c.sizeof(self)))
        for name, value in chosen.items():
            setattr(self, name, value)

def call(function, *arguments):
    error = Error()
    if function(*arguments, c.byref(error)) != 0:
        print(error.text.decode(), error.hint.decode(), sep=". ")
        sys.exit(error.code)

class Job:
    def __init__(self, verb, site, options):
        self.site, self.job, self.heard = c.c_void_p(), c.c_void_p(), []
        self.hear = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p)(self.on_event)
        call(lib.ferry_site_new, c.byref(self.site))
        for key, value in site.items():
            call(lib.ferry_site_set, self.site, key.encode(), value)
        call(lib.ferry_job_new, c.byref(self.job), self.site, verb,
            c.byref(options))

    def on_event(self, _, event):
        size = lib.ferry_event_json(event, None, 0) + 1
        text = c.create_string_buffer(size)
        lib.ferry_event_json(event, text, size)
        self.heard.append(json.loads(text.value))

    def events(self):  # runs it; each is a dict, as sandferry(1) has it in JSON
        call(lib.ferry_job_start, self.job, self.hear, None)
        while not self.heard or self.heard[-1]["type"] != "summary":
            self.heard = []
            select.select([lib.ferry_job_fd(self.job)], [], [])
            lib.ferry_job_dispatch(self.job)
            yield from self.heard

    def answer(self, question):  # now or later: the job waits
        if "host" in question:
            print(question["host"], "has", question["fingerprint"])
        ask = input if question["echo"] else getpass.getpass
        said = ask(question["prompt"] + " ").encode()
        secret = b"" if question["echo"] else said
        lib.ferry_job_answer(self.job, c.c_uint64(question["question"]),
            secret != b"" or said[:1] == b"y", secret, c.c_size_t(len(secret)))

    def free(self):
        lib.ferry_job_free(self.job)
        lib.ferry_site_free(self.site)

def main(folder, url, key, worker=None):
    job = Job(PUBLISH, {"source": folder, "url": url},
        Options(key_file=key, worker=worker, may_ask=True))
    for event in job.events():
        if event["type"] == "step":
            print(event.get("path"), f'({event["reason"]})')
        elif event["type"] == "progress":
            print(event["files_done"], "of", event["files_total"], "files")
        elif event["type"] == "question":
            job.answer(event)
        elif "hint" in event:
            print(event["text"], event["hint"], sep=". ")
        elif event["type"] == "summary":
            print(event["sent"], "files sent")
    job.free()
    return event["code"]

if __name__ == "__main__":
    sys.exit(main(*map(os.fsencode, sys.argv[1:])))
