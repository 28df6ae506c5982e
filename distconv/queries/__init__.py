"""What a measure answers, one kind of question in a file: functions of a measure, which know no law."""
