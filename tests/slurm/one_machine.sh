#!/bin/bash
# one_machine.sh start DIR | stop DIR
# A real Slurm with four emulated nodes of two cores on this machine, without systemd. After start: export SLURM_CONF=DIR/slurm.conf
# Needs root and the packages slurm-wlm slurmctld slurmd slurm-client munge slurm-wlm-basic-plugins. Exit code 77: cannot be
# started here, with the reason.
# SPDX-License-Identifier: Apache-2.0
set -eu
action=$1
dir=$(mkdir -p "$2" && cd "$2" && pwd)
host=$(hostname -s 2>/dev/null || hostname)
export SLURM_CONF=$dir/slurm.conf
skip() {
  echo "skipped: $*"
  exit 77
}

# Returns when the daemons are gone: until then they write below $dir.
stop() {
  local pids=() pid
  for pid in "$dir"/run/{slurmd-n*,slurmctld,munged}.pid; do
    pid=$(cat "$pid" 2>/dev/null) && pids+=("$pid")
  done
  [ ${#pids[@]} -gt 0 ] || return 0
  kill "${pids[@]}" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "${pids[@]}" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "${pids[@]}" 2>/dev/null || true
}

write_configuration() {
  cat >"$SLURM_CONF" <<C
ClusterName=one_machine
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits for as long as credentials live.
AuthInfo=socket=$dir/run/munge.socket,cred_expire=5
CredType=cred/munge
MpiDefault=pmix
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
# A folder for each node: they share this machine's /tmp, and PMIx would mix their files.
TmpFS=$dir/tmp/%n
SlurmctldPidFile=$dir/run/slurmctld.pid
SlurmdPidFile=$dir/run/slurmd-%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd-%n.log
SlurmdParameters=config_overrides
KillWait=30
MinJobAge=300
NodeName=n[1-4] NodeHostname=$host NodeAddr=127.0.0.1 Port=[17001-17004] CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=2000
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
C
}

start() {
  [ "$(id -u)" = 0 ] || skip "starting Slurm's daemons needs root"
  local program
  for program in slurmctld slurmd srun munged mungekey; do
    PATH=$PATH:/usr/sbin command -v $program >/dev/null || skip "$program is not installed"
  done
  mkdir -p "$dir"/{state,run,log} "$dir"/{spool,tmp}/n{1,2,3,4}
  write_configuration
  # munged insists on folders and a key that nobody else can write.
  chown munge: "$dir/run" && chmod 755 "$dir" "$dir/run"
  [ -s "$dir/munge.key" ] || { PATH=$PATH:/usr/sbin mungekey --create --keyfile "$dir/munge.key" && chown munge: "$dir/munge.key"; }
  PATH=$PATH:/usr/sbin runuser -u munge -- "$(PATH=$PATH:/usr/sbin command -v munged)" --key-file="$dir/munge.key" \
    --socket="$dir/run/munge.socket" --pid-file="$dir/run/munged.pid" --log-file="$dir/run/munged.log" \
    --seed-file="$dir/run/munged.seed" --force || skip "munged does not start"
  PATH=$PATH:/usr/sbin slurmctld || skip "slurmctld does not start"
  for n in 1 2 3 4; do PATH=$PATH:/usr/sbin slurmd -N n$n || skip "slurmd does not start"; done
  for _ in $(seq 100); do
    [ "$(sinfo -h -o %T 2>/dev/null | sort -u)" = idle ] && { sinfo; return; }
    sleep 0.2
  done
  tail -n 5 "$dir/log/slurmctld.log"
  skip "Slurm's nodes do not become idle"
}

case $action in
  start) start ;;
  stop) stop ;;
  *) echo "usage: one_machine.sh start|stop DIR" >&2; exit 2 ;;
esac
