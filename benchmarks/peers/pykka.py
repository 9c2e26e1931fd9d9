"""pykka: a thread per actor."""

from __future__ import annotations

import threading
import time

import pykka

from benchmarks._memory import resident

PAYLOAD = "x" * 50


class Counter(pykka.ThreadingActor):
    def __init__(self, count, done):
        super().__init__()
        self.left = count
        self.done = done

    def on_receive(self, message):
        self.left -= 1
        if not self.left:
            self.done.set()


class Echo(pykka.ThreadingActor):
    def on_receive(self, message):
        return message


class Player(pykka.ThreadingActor):
    def __init__(self, count, done):
        super().__init__()
        self.count = count
        self.done = done
        self.other = None

    def on_receive(self, message):
        if isinstance(message, pykka.ActorRef):
            self.other = message
        elif message >= self.count:
            self.done.set()
        else:
            self.other.tell(message + 1)


class Number(pykka.ThreadingActor):
    def __init__(self, total):
        super().__init__()
        self.total = total

    def on_receive(self, message):
        self.total.tell(message)


def tell(scale):
    count, done = int(200_000 * scale), threading.Event()
    counter = Counter.start(count, done)
    started = time.perf_counter()
    for number in range(count):
        counter.tell(number)
    done.wait()
    return count / (time.perf_counter() - started)


def ask(scale):
    count, echo = int(20_000 * scale), Echo.start()
    for _ in range(100):
        echo.ask(PAYLOAD)
    started = time.perf_counter()
    for _ in range(count):
        echo.ask(PAYLOAD)
    return count / (time.perf_counter() - started)


def ask_100(scale):
    """100 futures at a time, in waves."""
    waves, echo = int(300 * scale) or 1, Echo.start()
    started = time.perf_counter()
    for _ in range(waves):
        for future in [echo.ask(PAYLOAD, block=False) for _ in range(100)]:
            future.get()
    return waves * 100 / (time.perf_counter() - started)


def ping_pong(scale):
    count, done = int(40_000 * scale), threading.Event()
    one, other = Player.start(count, done), Player.start(count, done)
    one.tell(other)
    other.tell(one)
    started = time.perf_counter()
    one.tell(0)
    done.wait()
    return count / (time.perf_counter() - started)


def spawn(scale):
    count, done = int(10_000 * scale), threading.Event()
    total = Counter.start(count, done)
    started = time.perf_counter()
    for number in [Number.start(total) for _ in range(count)]:
        number.tell(0)
    done.wait()
    return count / (time.perf_counter() - started)


def memory(scale):
    count = int(2_000 * scale)
    done = threading.Event()
    total = Counter.start(count, done)
    before = resident()
    for number in [Number.start(total) for _ in range(count)]:
        number.tell(0)
    done.wait()
    return (resident() - before) / count


def ending(run):
    """Stop what is left, so that the process can end."""

    def run_and_stop(scale):
        try:
            return run(scale)
        finally:
            pykka.ActorRegistry.stop_all(block=False)

    return run_and_stop


WORKLOADS = {
    "local-tell": ending(tell),
    "local-ask": ending(ask),
    "local-ask-100": ending(ask_100),
    "local-ping-pong": ending(ping_pong),
    "local-spawn-10k": ending(spawn),
    "local-memory": ending(memory),
}
