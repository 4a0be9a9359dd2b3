#!/bin/sh
# Backups with nothing but PostgreSQL's own programs, 17 or later: full and incremental ones, and the log as it is made.
# docs/recovery.md says when this is enough. Settings, with their defaults:
#
#   BACKUPS=/var/backups/tidemark   where they lie: on another machine than the database
#   PGHOST, PGUSER, PGPORT …        the server; a role with REPLICATION
#
#   backup.sh full                  a backup to begin with; further options are for pg_basebackup, as --max-rate=50M
#   backup.sh incremental           what has changed since the last one
#   backup.sh wal                   receive the log until stopped: let systemd keep this running (pg_receivewal)
#   backup.sh restore DATA          the newest backup, into a new data folder
#   backup.sh restore DATA '2026-11-30 03:00:00+00'     as it was at that time
set -eu
BACKUPS=${BACKUPS:-/var/backups/tidemark}
SLOT=${SLOT:-tidemark_backup}

newest() { # the newest backup that was complete by a time, in nanoseconds
  for folder in $(ls -d "$BACKUPS"/base/*-full "$BACKUPS"/base/*-incremental 2>/dev/null | sort -r); do
    [ "$(cat "$folder.ended")" -gt "$1" ] || { echo "$folder"; return; }
  done
}

chain() { # a backup, after those that it rests on
  [ ! -s "$1.rests-on" ] || chain "$BACKUPS/base/$(cat "$1.rests-on")"
  echo "$1"
}

backup() { # its kind, the backup that it rests on, and options for pg_basebackup
  kind=$1 under=$2
  shift 2
  folder=$BACKUPS/base/$(date -u +%Y%m%dT%H%M%S.%N)-$kind
  mkdir -p "$BACKUPS/base" "$BACKUPS/wal"
  pg_basebackup --pgdata="$folder.part" --checkpoint=fast --wal-method=none --no-password \
    ${under:+--incremental="$under/backup_manifest"} "$@"
  pg_verifybackup --no-parse-wal --quiet "$folder.part"
  [ -z "$under" ] || basename "$under" >"$folder.rests-on"
  date +%s%N >"$folder.ended"
  mv "$folder.part" "$folder"
  echo "$folder"
}

restore() { # the data folder, and a time
  until=${2:-}
  base=$(newest "$(date -d "${until:-now}" +%s%N)")
  [ -n "$base" ] || { echo "No backup in $BACKUPS is that old." >&2; exit 1; }
  if [ -s "$base.rests-on" ]; then
    # shellcheck disable=SC2046 - one word for each backup
    pg_combinebackup --output="$1" $(chain "$base")
  else
    cp -a "$base" "$1"
  fi
  {
    echo "restore_command = 'cp \"$BACKUPS/wal/%f\" \"%p\" || cp \"$BACKUPS/wal/%f.partial\" \"%p\"'"
    echo "recovery_target_action = promote"
    [ -z "$until" ] || echo "recovery_target_time = '$until'"
  } >>"$1/postgresql.auto.conf"
  touch "$1/recovery.signal"
  echo "$1 is $base${until:+, and becomes $until}. Give it to the server's user, and start it."
}

case ${1:-} in
  full) shift; backup full "" "$@" ;;
  incremental) shift; backup incremental "$(newest "$(date +%s%N)")" "$@" ;;
  wal)
    shift
    [ $# -gt 0 ] || set -- --synchronous
    mkdir -p "$BACKUPS/wal"
    pg_receivewal --directory="$BACKUPS/wal" --slot="$SLOT" --create-slot --if-not-exists --no-password
    exec pg_receivewal --directory="$BACKUPS/wal" --slot="$SLOT" --no-password "$@"
    ;;
  restore) restore "$2" "${3:-}" ;;
  *) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
