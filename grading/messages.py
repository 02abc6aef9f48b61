"""Every sentence that a learner can meet, in one place."""

TEXTS = {
    "intake.title": "**Замечания при приёме тетради**",
    "intake.refused": "Тетрадь не принята: {reason}. Все проверки этой тетради получают 0.",
    "intake.absent": "в посылке нет такой тетради",
    "intake.not_file": "«{name}» — не обычный файл (ссылка, папка, канал или устройство)",
    "intake.unreadable": "файл «{name}» не читается",
    "intake.too_big": "файл «{name}» больше {limit} МБ",
    "intake.not_json": "файл «{name}» — не тетрадь Jupyter: {reason}",
    "intake.bad_json": "испорченный JSON",
    "intake.too_deep": "слишком глубокая вложенность",
    "intake.no_cells": "в нём нет ячеек",
    "intake.too_long": "в нём слишком много ячеек или текста",
    "intake.ambiguous": "эту тетрадь напоминают сразу несколько файлов: {names}",
    "intake.renamed": "Файл «{name}» принят как «{notebook}».",
    "intake.missing_cells": "Не найдены ячейки: {names}.",
    "intake.matched": "Метки ячеек потеряны; ячейки найдены по месту: {names}.",
    "intake.ignored": "Файлы рядом с тетрадью, которые не приняты: {names}.",
    "run.dead": "Ядро тетради остановилось в этой ячейке: код завершил процесс.",
    "run.cell_time": "Ячейка работала дольше {seconds} с и была прервана.",
    "run.notebook_time": "Тетрадь работала дольше {seconds} с и была остановлена.",
    "run.memory": "Тетрадь заняла больше {limit} МБ памяти и была остановлена.",
    "run.disk": "Тетрадь записала слишком много файлов и была остановлена.",
    "run.output": "Вывод тетради больше {limit} МБ; тетрадь была остановлена.",
    "run.unresponsive": "Ячейка не прервалась и была остановлена вместе с тетрадью.",
    "run.skipped": "Ячейка не выполнялась: тетрадь уже остановлена.",
    "run.unsafe": "ВНИМАНИЕ: код выполнен БЕЗ песочницы (c.Grading.unsafe_without_sandbox).",
    "judge.stopped": "Код тетради больше не отвечает: {reason}",
    "judge.call_time": "вызов работал дольше {seconds} с",
    "judge.malformed": "ответ вашего кода не удалось прочитать: {reason}",
    "judge.too_big": "слишком большое значение",
    "judge.test_time": "Проверка заняла больше {seconds} с и остановлена.",
    "judge.died": "Проверка не завершилась.",
    "judge.bad_score": "Проверка вернула недопустимый балл: {value}.",
    "judge.exit": "ваш код попытался завершить процесс ({name})",
    "manual.title": "Нужен взгляд преподавателя: {reasons}",
    "manual.dynamic": "в ячейке «{cell}» код, который нельзя прочитать заранее: {names}",
}


def text(key, **values):
    """The sentence `key` with its gaps filled."""
    return TEXTS[key].format(**values)
