"""report.py PAGE [EVENTS]: is the page well-formed, without any reference to
the outside, and does it tell what the events of the run (NDJSON) tell?"""
import base64
import html.parser
import json
import re
import sys

VOID = {'meta'}
KNOWN = VOID | set('''html head title style body header main footer section h1 h2
h3 p span small b i bdi code time ul li dl dt dd div table thead tbody tr th td
'''.split())
ATTRIBUTES = set('''lang charset http-equiv content name class id datetime scope
style aria-hidden aria-labelledby'''.split())
CELLS = {'th', 'td', 'dt', 'dd', 'h1', 'title'}
STYLE = re.compile(r'(margin-left:\d+\.\d%;)?width:\d+\.\d%')


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.labels, self.text = [], [], [], ''
        self.rows, self.lists, self.cell = {}, [], None
        self.table = self.policy = None

    def handle_starttag(self, tag, attributes):
        raw = self.get_starttag_text()
        assert tag in KNOWN, raw
        rebuilt = '<%s%s>' % (tag, ''.join(' %s="[^"<>]*"' % re.escape(k)
                                           for k, _ in attributes))
        assert re.fullmatch(rebuilt, raw), raw
        a = dict(attributes)
        assert len(a) == len(attributes) and set(a) <= ATTRIBUTES, raw
        assert 'style' not in a or STYLE.fullmatch(a['style']), raw
        if a.get('http-equiv') == 'Content-Security-Policy':
            self.policy = a['content']
        if 'id' in a:
            self.ids.append(a['id'])
        if 'aria-labelledby' in a:
            self.labels.append(a['aria-labelledby'])
        if tag == 'table':
            self.table = self.rows.setdefault(a['class'], [])
        if tag == 'tr':
            self.table.append([])
        if tag in CELLS:
            self.cell = ['', '']
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        raise AssertionError('<%s/>' % tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        if tag in ('th', 'td'):
            self.table[-1].append(self.cell)
        elif tag in CELLS:
            self.lists.append((tag, ' '.join(self.cell).strip()))
        if tag in CELLS:
            self.cell = None
        self.open.pop()

    def handle_data(self, data):
        if 'style' in self.open:
            assert not re.search(r'url|@import|src|//', data), data
            return
        self.text += data
        assert self.open or not data.strip(), data
        if self.cell is not None:
            self.cell['small' in self.open] += data

    def handle_comment(self, data):
        raise AssertionError(data)

    def unknown_decl(self, data):
        raise AssertionError(data)

    handle_pi = unknown_decl


def shown(raw):
    """As text_escape() shows a name."""
    out = ''
    for c in raw.decode('utf-8', 'surrogateescape'):
        n = ord(c)
        if (n < 0x20 or 0x7f <= n < 0xa0 or 0xdc80 <= n < 0xdd00 or
                n in (0x61c, 0x200e, 0x200f) or 0x2028 <= n <= 0x202e or
                0x2066 <= n <= 0x2069):
            out += ''.join('\\x%02x' % b
                           for b in c.encode('utf-8', 'surrogateescape'))
        else:
            out += '\\\\' if c == '\\' else c
    return out


def size(n):
    if n < 1000:
        return '%d B' % n
    n /= 1000
    units = ['kB', 'MB', 'GB']
    while n >= 999.5:
        n /= 1000
        units.pop(0)
    return '%.*f %s' % (n < 99.95, n, units[0])


def changes(events):
    kinds = {'add': [], 'update': [], 'remove': [], 'wait': [], 'out': []}
    for e in events:
        if e['type'] != 'step':
            continue
        raw = (base64.b64decode(e['path_b64']) if 'path_b64' in e
               else e['path'].encode())
        row = [[shown(raw) + ' ', e['reason']]]
        if e['change'] in ('update', 'remove', 'wait'):
            row.append([size(e['size_before']), ''])
        if e['change'] in ('add', 'update'):
            row.append([size(e['size_after']), ''])
        kinds['out' if e['change'] == 'skip' else e['change']].append(
            row + [['', '']])
    return kinds


def compare(page, events):
    summary = events[-1]
    for kind, rows in changes(events).items():
        found = page.rows.get('changes ' + kind, [])[1:]
        assert found == rows, (kind, found, rows)
    counts = [page.lists[i + 1][1] for name in
              ('New', 'Changed', 'Removed', 'Unchanged')
              for i, item in enumerate(page.lists) if item == ('dt', name)]
    wanted = [str(summary[k]) for k in
              ('added', 'changed', 'removed', 'unchanged')]
    assert counts == wanted or (not counts and summary['code'] != 0), counts
    phases = [e['phase'] for e in events if e['type'] == 'phase']
    assert len(page.rows.get('time', [''])) - 1 == len(phases), phases
    for key in ('url', 'text', 'hint'):
        assert summary.get(key, '') in page.text, summary[key]
    for e in events:
        if e['type'] in ('note', 'warning', 'failure'):
            assert e['text'] in page.text, e
        if e['type'] != 'wall':
            continue
        assert [[r[0][0], r[1][0], r[2][0]] for r in page.rows.get('plain', [])[1:]] \
            == [[a['address'], str(a['port']),
                 'connected' if a['connected'] else 'only tried']
                for a in e['endpoints']], page.rows
        walls = {r[0][0].strip(): [c[0].strip() for c in r[1:]]
                 for r in page.rows['plain walls'][1:]}
        for name, key in (('Landlock', 'landlock'), ('Limits', 'limits'),
                          ('System calls', 'seccomp'),
                          ('Privileges', 'privileges')):
            stands = ['\u2013' if who not in e
                      else 'in force' if e[who][key] else 'missing'
                      for who in ('worker', 'self')]
            assert walls[name] == stands, (walls, e)
        if 'host' in e:
            assert e['host']['fingerprint'] in page.text, e
            assert e['host']['own']['verdict'] != 'trusted' or \
                shown(e['host']['own']['path'].encode()) in page.text, e


def main():
    with open(sys.argv[1], encoding='utf-8', newline='') as f:
        text = f.read()
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">'), text[:80]
    assert not re.search('[\0-\t\v-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]',
                         text.replace('\n', ''))
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, page.open
    assert page.policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert len(set(page.ids)) == len(page.ids), page.ids
    assert set(page.labels) <= set(page.ids), page.labels
    assert [tag for tag, words in page.lists].count('h1') == 1
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding='utf-8') as f:
            compare(page, [json.loads(line) for line in f])


main()
