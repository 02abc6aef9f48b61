"""A course that is not Russian reads no Russian: the catalogues have the same sentences."""

import json
import re
from pathlib import Path

import pytest

from nbgrader_apart import messages
from nbgrader_apart.intake.notebook_reader import decode
from nbgrader_apart.processes.warm_process import WarmProcess
from nbgrader_apart.record.gradebook_rows import verdicts
from support.one_test import graded

FOLDER = Path(messages.__file__).parent
CYRILLIC = re.compile("[а-яА-ЯёЁ]")
FIELD = re.compile(r"(?<!\{)\{(\w+)")


def catalogue(language):
    return json.loads((FOLDER / f"{language}.json").read_text("utf-8"))


def test_each_sentence_exists_in_both_languages_with_the_same_values():
    english, russian = catalogue("en"), catalogue("ru")
    assert english.keys() == russian.keys()
    assert {key: set(FIELD.findall(said)) for key, said in english.items()} == {
        key: set(FIELD.findall(said)) for key, said in russian.items()
    }
    assert not [key for key, said in english.items() if CYRILLIC.search(said)]


@pytest.fixture
def english():
    """This process speaks English."""
    with messages.speaking("en"):
        yield


@pytest.mark.slow
@pytest.mark.parametrize("way", ["inside", "apart"])
def test_a_graded_notebook_has_no_trace_of_russian(english, way):
    cells = [("answer", "def f(): raise OSError\nwhile True: pass"), ("test", "f()"), ("test", "assert _")]
    try:
        with graded(cells, tests=way, cell_seconds=1) as found:
            for cell in found.cells:
                if cell.metadata.get("nbgrader"):
                    cell.metadata.nbgrader["checksum"] = "of another text"
            assert not CYRILLIC.search(json.dumps(found, ensure_ascii=False))
    finally:
        WarmProcess.close_all()


def test_a_comment_that_nbgrader_compares_is_nbgraders(english):
    from nbgrader.utils import compute_checksum

    from support.one_test import notebook

    found = notebook([("answer", "x = 1")])
    found.cells[0].metadata.nbgrader["checksum"] = compute_checksum(found.cells[0])
    assert verdicts(found).comments == {"answer-0": "No response."}


# encoding -> a sentence as a learner of that language writes it
WORDS = {
    "cp1250": "Funkce vrací součet čtverců dvou čísel; příliš žluťoučký kůň.",
    "koi8_r": "Решение задачи: сумма квадратов двух чисел и среднее значение",
    "cp1251": "Решение задачи: сумма квадратов двух чисел и среднее значение",
    "cp1252": "Größe und Länge: für jede natürliche Zahl wird die Übung geprüft, die Lösung ist schön.",
    "shift_jis": "この関数は二つの数の和を返します。答えをここに書いてください。",
    "gb18030": "这个函数返回两个数的和。请在这里写下你的答案。",
    "cp1252 ": "La fonction renvoie la somme des carrés de deux entiers; la réponse est déjà vérifiée.",
    "utf-16": "Решение",
    "utf-8-sig": "Решение",
}


@pytest.mark.parametrize(("encoding", "words"), WORDS.items())
def test_an_encoding_is_guessed(encoding, words):
    source = json.dumps({"cells": [{"cell_type": "code", "source": f"# {words}\nx = 1"}]}, ensure_ascii=False)
    assert words in decode(source.encode(encoding.strip()))
