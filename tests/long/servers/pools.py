# Pools of processes and of threads, with what they share.
import concurrent.futures, multiprocessing, os, queue, subprocess, threading, time

def square(x):
    return x * x

def fail(x):
    raise ValueError(x)

def add(counter, lock, count):
    for _ in range(count):
        with lock:
            counter.value += 1

def produce(items, count):
    for i in range(count):
        items.put(i)

if __name__ == '__main__':
    with multiprocessing.Pool(4) as pool:
        print(sum(pool.map(square, range(200))))
        print(sorted(pool.imap_unordered(square, range(10), 3)))
        try:
            pool.apply(fail, (3,))
        except ValueError as error:
            print('failed', error)
        try:
            pool.apply_async(time.sleep, (100,)).get(0.2)
        except multiprocessing.TimeoutError:
            print('timed out')
    counter, lock = multiprocessing.Value('i', 0, lock=False), multiprocessing.Lock()
    workers = [multiprocessing.Process(target=add, args=(counter, lock, 100)) for _ in range(4)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
    print(counter.value, [worker.exitcode for worker in workers])
    items = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=produce, args=(items, 50)) for _ in range(3)]
    for worker in workers: worker.start()
    print(sum(items.get(timeout=60) for _ in range(150)))
    for worker in workers: worker.join()
    for method in 'spawn', 'forkserver':
        context = multiprocessing.get_context(method)
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
            print(method, list(executor.map(square, range(5))))
    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        done = executor.map(lambda i: subprocess.run(['sh', '-c', f'exit {i}']).returncode, range(12))
        print(list(done))
    with concurrent.futures.ProcessPoolExecutor(2) as executor:
        try:
            executor.submit(os._exit, 1).result()
        except concurrent.futures.process.BrokenProcessPool:
            print('broken')
