"""thespian: its fastest base, which runs all actors in the caller's thread."""

from __future__ import annotations

import time
from datetime import timedelta

from thespian.actors import Actor, ActorSystem

from benchmarks._memory import resident

PAYLOAD = "x" * 50
TIMEOUT = timedelta(seconds=120)
QUIET = {"version": 1, "root": {"level": "CRITICAL", "handlers": []}}


class Counter(Actor):
    count = 0

    def receiveMessage(self, message, sender):
        if message == "get":
            self.send(sender, self.count)
        elif isinstance(message, int):
            self.count += 1


class Teller(Actor):
    def receiveMessage(self, message, sender):
        if isinstance(message, tuple):
            target, count = message
            self.asker = sender
            for number in range(count):
                self.send(target, number)
            self.send(target, "get")
        elif isinstance(message, int):
            self.send(self.asker, message)


class Echo(Actor):
    def receiveMessage(self, message, sender):
        if isinstance(message, str):
            self.send(sender, message)


class Driver(Actor):
    """Keeps requests in flight: how one gets concurrency here."""

    def receiveMessage(self, message, sender):
        if isinstance(message, tuple):
            self.echo, self.count, in_flight = message
            self.asker, self.left, self.got = sender, self.count - in_flight, 0
            for _ in range(in_flight):
                self.send(self.echo, PAYLOAD)
        elif isinstance(message, str):
            self.got += 1
            if self.left > 0:
                self.left -= 1
                self.send(self.echo, PAYLOAD)
            if self.got == self.count:
                self.send(self.asker, "done")


class Player(Actor):
    asker = None

    def receiveMessage(self, message, sender):
        if isinstance(message, tuple):
            other, self.count = message
            self.asker = sender
            self.send(other, 0)
        elif isinstance(message, int):
            if self.asker is not None and message >= self.count:
                self.send(self.asker, "done")
            else:
                self.send(sender, message + 1)


class Number(Actor):
    def receiveMessage(self, message, sender):
        if isinstance(message, int):
            self.send(sender, message)


class Total(Actor):
    """Spawns numbers, and adds up what they answer."""

    def receiveMessage(self, message, sender):
        if isinstance(message, tuple):
            numbers = [self.createActor(Number) for _ in range(message[0])]
            self.asker, self.left, self.sum = sender, len(numbers), 0
            for number, actor in enumerate(numbers):
                self.send(actor, number)
        elif isinstance(message, int):
            self.sum += message
            self.left -= 1
            if not self.left:
                self.send(self.asker, self.sum)


def tell(system, scale):
    count = int(100_000 * scale)
    counter, teller = system.createActor(Counter), system.createActor(Teller)
    started = time.perf_counter()
    assert system.ask(teller, (counter, count), TIMEOUT) == count
    return count / (time.perf_counter() - started)


def ask(system, scale):
    count, echo = int(20_000 * scale), system.createActor(Echo)
    for _ in range(100):
        system.ask(echo, PAYLOAD, TIMEOUT)
    started = time.perf_counter()
    for _ in range(count):
        system.ask(echo, PAYLOAD, TIMEOUT)
    return count / (time.perf_counter() - started)


def ask_100(system, scale):
    count = max(int(30_000 * scale), 100)
    echo, driver = system.createActor(Echo), system.createActor(Driver)
    started = time.perf_counter()
    assert system.ask(driver, (echo, count, 100), TIMEOUT) == "done"
    return count / (time.perf_counter() - started)


def ping_pong(system, scale):
    count = int(100_000 * scale)
    one, other = system.createActor(Player), system.createActor(Player)
    started = time.perf_counter()
    assert system.ask(one, (other, count), TIMEOUT) == "done"
    return count / (time.perf_counter() - started)


def spawn(count):
    def run(system, scale):
        actors = int(count * scale)
        total = system.createActor(Total)
        started = time.perf_counter()
        system.ask(total, (actors,), TIMEOUT)
        return actors / (time.perf_counter() - started)

    return run


def memory(system, scale):
    count = int(10_000 * scale)
    total = system.createActor(Total)
    before = resident()
    system.ask(total, (count,), TIMEOUT)
    return (resident() - before) / count


def in_system(run):
    def run_in_system(scale):
        system = ActorSystem("simpleSystemBase", logDefs=QUIET)
        try:
            return run(system, scale)
        finally:
            system.shutdown()

    return run_in_system


WORKLOADS = {
    "local-tell": in_system(tell),
    "local-ask": in_system(ask),
    "local-ask-100": in_system(ask_100),
    "local-ping-pong": in_system(ping_pong),
    "local-spawn-10k": in_system(spawn(10_000)),
    "local-spawn-100k": in_system(spawn(100_000)),
    "local-memory": in_system(memory),
}
