{{/* The schedules that have a name, and what a schedule means in words. */}}

{{- define "recommender.schedule" -}}
{{- get (dict "hourly" "0 * * * *" "six-hourly" "0 */6 * * *" "daily" "0 2 * * *" "weekly" "0 2 * * 0") . | default . -}}
{{- end }}

{{/*
A cron line, checked: include "recommender.schedule.checked" (list "trainer.schedule" .Values.trainer.schedule).
The schema sees to its form; that 25 is no hour is said here.
*/}}
{{- define "recommender.schedule.checked" -}}
{{- $path := index . 0 -}}
{{- $line := include "recommender.schedule" (index . 1) -}}
{{- $names := list "minute" "hour" "day of the month" "month" "day of the week" -}}
{{- $least := list 0 0 1 1 0 -}}
{{- $most := list 59 23 31 12 6 -}}
{{- $months := list "JAN" "FEB" "MAR" "APR" "MAY" "JUN" "JUL" "AUG" "SEP" "OCT" "NOV" "DEC" -}}
{{- $words := list list list list $months (list "SUN" "MON" "TUE" "WED" "THU" "FRI" "SAT") -}}
{{- range $index, $field := regexSplit " +" $line -1 -}}
{{- range regexFindAll "(?:^|[,-])[0-9]+" $field -1 -}}
{{- $number := regexReplaceAll "^[,-]?0*" . "" | int -}}
{{- if or (lt $number (index $least $index)) (gt $number (index $most $index)) -}}
{{- include "recommender.fail" (printf "%s: %q is no schedule: the %s is %d, and may be %d to %d" $path $line (index $names $index) $number (index $least $index) (index $most $index)) -}}
{{- end -}}
{{- end -}}
{{- range regexFindAll "[A-Za-z]+|/0+(?:,|$)" $field -1 -}}
{{- if not (has (upper .) (index $words $index)) -}}
{{- include "recommender.fail" (printf "%s: %q is no schedule: %q means nothing in the %s" $path $line . (index $names $index)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $line -}}
{{- end }}

{{/* "every day at 02:00": a common cron line in words, any other as it is. */}}
{{- define "recommender.schedule.words" -}}
{{- $line := include "recommender.schedule" . -}}
{{- $days := list "Sunday" "Monday" "Tuesday" "Wednesday" "Thursday" "Friday" "Saturday" -}}
{{- if regexMatch "^\\* \\* \\* \\* \\*$" $line -}}
every minute
{{- else if regexMatch "^\\*/[0-9]+ \\* \\* \\* \\*$" $line -}}
every {{ regexFind "[0-9]+" $line }} minutes
{{- else if regexMatch "^[0-9]+ \\* \\* \\* \\*$" $line -}}
every hour, {{ regexFind "[0-9]+" $line }} minutes past
{{- else if regexMatch "^[0-9]+ \\*/[0-9]+ \\* \\* \\*$" $line -}}
every {{ regexFind "/[0-9]+" $line | trimPrefix "/" }} hours
{{- else if regexMatch "^[0-9]+ [0-9]+ \\* \\* (\\*|[0-6])$" $line -}}
{{- $fields := splitList " " $line -}}
{{- $day := index $fields 4 -}}
every {{ if eq $day "*" }}day{{ else }}{{ index $days (int $day) }}{{ end }} at {{ printf "%02s:%02s" (index $fields 1) (index $fields 0) }}
{{- else -}}
by the cron line {{ $line }}
{{- end -}}
{{- end }}
