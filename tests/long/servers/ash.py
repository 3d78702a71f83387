# An interactive ash on a pty with job control, driven like by hand.
import os, pty, re, select, sys, termios, time

pid, fd = pty.fork()
if pid == 0:
    os.environ.update(PS1='$ ', HOME='/tmp', HISTFILE='/dev/null', TERM='dumb')
    os.execv('/bin/busybox', ['ash', '-i'])
seen = b''

termios.tcsetwinsize(fd, (30, 90))

def until(pattern, limit=20):
    global seen
    end = time.monotonic() + limit
    while True:
        found = re.search(pattern, seen)
        if found:
            got, seen = seen[:found.end()], seen[found.end():]
            return got.decode()
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            print('waited in vain for', pattern, 'and has', seen)
            sys.exit(1)
        try:
            # It asks where the cursor is, and does without an answer.
            seen = re.sub(rb'\x1b\[(6n|J)', b'', seen + os.read(fd, 4096))
        except OSError:
            print('ended before', pattern, 'and has', seen)
            sys.exit(1)

def type(text):
    os.write(fd, text)

def enter(line, pattern=rb'\$ $'):
    type(line + b'\n')
    print(until(pattern).replace('\r\n', '\n').replace('\r', ''), end='')

until(rb'\$ $')
enter(b'echo $((6*7))')
enter(b'tty; stty size')
type(b'sleep 1000\n'); until(rb'1000\r\n'); time.sleep(0.1)
type(b'\x1a'); print(until(rb'\$ $').replace('\r\n', '\n'), end='')
enter(b'jobs')
enter(b'bg')
enter(b'jobs')
type(b'fg\n'); until(rb'sleep 1000\r\n'); time.sleep(0.1)
type(b'\x03'); print(until(rb'\$ $').replace('\r\n', '\n'), end='')
enter(b'echo $?')
type(b'cat\n'); until(rb'cat\r\n'); time.sleep(0.1); type(b'a line\n'); print(until(rb'a line\r\na line\r\n').replace('\r\n', '\n'), end='')
type(b'\x04'); print(until(rb'\$ $').replace('\r\n', '\n'), end='')
enter(b'sleep 500 | sleep 600 &')
enter(b'jobs -l | wc -l')
enter(b'kill %1; wait; echo waited')
enter(b'trap "echo caught" INT; echo set')
type(b'\x03'); print(repr(until(rb'\$ $')))
type(b'exit 7\n')
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
