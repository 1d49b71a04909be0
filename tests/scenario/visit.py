"""visit.py PORT SITE 'NAMES' FILE...: ask a web server for each of these files
with gzip and without; what comes is what the site has, or 404 for what it has
not.  Just the NAMES come compressed to who takes that."""
import gzip
import http.client
import os
import sys

port, site, names = sys.argv[1:4]
names = names.split()
web = http.client.HTTPConnection('127.0.0.1', int(port), timeout=30)
wrong = 0
for name in sys.argv[4:]:
    path = os.path.join(site, name)
    want = (404, None)
    if os.path.exists(path):
        with open(path, 'rb') as f:
            want = (200, f.read())
    for how in ('identity', 'gzip'):
        web.request('GET', '/' + name, headers={'Accept-Encoding': how})
        answer = web.getresponse()
        data = answer.read()
        packed = answer.getheader('Content-Encoding') == 'gzip'
        if packed:
            data = gzip.decompress(data)
        if want[0] == 404:
            data = None
        if (answer.status, data) != want or \
                packed != (how == 'gzip' and name in names):
            print(name, how, answer.status, 'compressed' if packed else '')
            wrong += 1
sys.exit(wrong > 0)
