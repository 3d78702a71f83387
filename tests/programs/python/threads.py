import os, threading, time
def say(*words): print(*words, flush=True)
numbers, lock = [], threading.Lock()
def add(n):
    for i in range(50):
        with lock: numbers.append(n)
        if i % 10 == 0: time.sleep(0.01)
def all_of(threads):
    for t in threads: t.start()
    for t in threads: t.join()
all_of([threading.Thread(target=add, args=(i,)) for i in range(8)])
say(len(numbers), sorted(set(numbers)))
event = threading.Event()
def later(): time.sleep(0.5); event.set()
threading.Thread(target=later).start()
say(event.wait(10), event.wait(0), threading.Event().wait(0.3))
items, condition = [], threading.Condition()
def consume():
    with condition:
        while len(items) < 5: condition.wait()
        say("consumed", items)
consumer = threading.Thread(target=consume); consumer.start()
for i in range(5):
    with condition: items.append(i); condition.notify()
consumer.join()
barrier = threading.Barrier(3)
all_of([threading.Thread(target=barrier.wait) for _ in range(3)]); say("passed the barrier")
semaphore, inside, most = threading.Semaphore(2), [], []
def enter():
    with semaphore: inside.append(1); most.append(len(inside)); time.sleep(0.05); inside.pop()
all_of([threading.Thread(target=enter) for _ in range(6)]); say("at most", max(most), "inside")
stop, count = False, 0
def spin():
    global count
    while not stop: count += 1
spinner = threading.Thread(target=spin); spinner.start(); time.sleep(0.05); stop = True; spinner.join()
say("spun", count > 0)
local = threading.local(); local.x = 1; seen = []
t = threading.Thread(target=lambda: seen.append(hasattr(local, "x"))); t.start(); t.join(); say("local", seen)
def forks():
    pid = os.fork()
    if pid == 0: os._exit(9)
    say("a thread's child", os.waitpid(pid, 0)[1] >> 8)
t = threading.Thread(target=forks); t.start(); t.join()
timer = threading.Timer(0.1, lambda: say("timer")); timer.start(); timer.join()
r = threading.RLock(); r.acquire(); r.acquire(); r.release(); r.release(); say("lock", lock.acquire(timeout=0.1), lock.acquire(timeout=0.1))
say(threading.active_count())
