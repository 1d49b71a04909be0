"""click.py: use an application as a person does, by what it tells assistive
technology; not by where things are on the screen.

Reads lines from stdin, each a word and what follows it:

  wait TEXT        something shows this text, or has this name
  gone TEXT        nothing does
  click NAME       the button, or tab, of this name; it must be enabled
  focused NAME     what is of this name has the focus
  type TEXT        into what has the focus
  key KEYS         as xdotool names them: ctrl+s
  shot FILE        a picture of the screen

Each waits for what it needs, two minutes at most; then it prints all that is
shown and exits with 1.
"""
import subprocess
import sys
import time

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

PATIENCE = 120
BUTTONS = ('push button', 'toggle button', 'radio button', 'page tab', 'button')


def shown():
    """All that the applications show, as (role, name, object, states)."""
    found = []

    def walk(node, depth):
        if node is None or depth > 40:
            return
        states = node.get_state_set()
        name = (node.get_name() or '').replace('\xa0', ' ')
        found.append((node.get_role_name(), name, node, states))
        for i in range(node.get_child_count()):
            walk(node.get_child_at_index(i), depth + 1)

    desktop = Atspi.get_desktop(0)
    for i in range(desktop.get_child_count()):
        try:
            walk(desktop.get_child_at_index(i), 0)
        except GLib.Error:  # it changed under our eyes
            pass
    return found


def until(what, look):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            found = look()
        except GLib.Error:
            found = None
        if found:
            return found
        time.sleep(0.1)
    for role, name, _, _ in shown():
        if name and not name.startswith('Gtk'):
            print('  ', role, name)
    print('waited in vain for', what)
    sys.exit(1)


def has(text):
    return [n for n in shown() if text in n[1]]


def named(name, roles=None):
    # GTK 4.8 names a button "_Save Save": its label, and that of the label
    for role, text, node, states in shown():
        if (text == name or text.endswith(' ' + name)) and (roles is None or role in roles) and \
                states.contains(Atspi.StateType.SENSITIVE):
            return node
    return None


def click(name):
    node = until('a button ' + name, lambda: named(name, BUTTONS))
    Atspi.Action.do_action(node.get_action_iface(), 0)


def xdotool(*words):
    subprocess.run(['xdotool', *words], check=True)


def main():
    for line in sys.stdin:
        word, _, rest = line.strip().partition(' ')
        if word == 'wait':
            until(rest, lambda: has(rest))
        elif word == 'gone':
            until(rest + ' to go', lambda: not has(rest))
        elif word == 'click':
            click(rest)
        elif word == 'focused':
            until(rest + ' to have the focus', lambda: [
                n for n in shown() if n[1] == rest and
                n[3].contains(Atspi.StateType.FOCUSED)])
        elif word == 'type':
            xdotool('type', '--delay', '1', rest)
        elif word == 'key':
            xdotool('key', rest)
        elif word == 'shot':
            subprocess.run(['import', '-window', 'root', rest], check=True)
        elif word:
            sys.exit('what is ' + word + '?')


main()
