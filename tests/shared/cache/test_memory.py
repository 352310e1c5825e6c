"""A memory of one process: what is kept, for how long, and how much of it."""

from concurrent.futures import ThreadPoolExecutor

from shared.cache.memory import Memory


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_there_for_its_seconds() -> None:
    clock = Clock()
    memory = Memory[str](9, clock)
    memory.put("a", "one", seconds=10)
    assert (memory.get("a"), memory.get("b")) == ("one", None)
    clock.now = 9.9
    assert memory.get("a") == "one"
    clock.now = 10
    assert memory.get("a") is None


def test_a_value_is_added_once_while_it_is_there() -> None:
    clock = Clock()
    memory = Memory[str](9, clock)
    assert [memory.add("a", word, seconds=10) for word in ("one", "two")] == [True, False]
    assert memory.get("a") == "one"
    clock.now = 10
    assert memory.add("a", "three", seconds=10)


def test_of_many_threads_one_adds() -> None:
    memory = Memory[int](9)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda n: memory.add("a", n, seconds=60), range(400))) == 1


def test_the_oldest_is_forgotten_first_and_what_is_put_again_is_young() -> None:
    memory = Memory[int](2)
    for key in ("a", "b", "a", "c"):
        memory.put(key, 1, seconds=60)
    assert (len(memory), memory.get("b"), memory.get("a")) == (2, None, 1)
    memory.clear()
    assert len(memory) == 0
