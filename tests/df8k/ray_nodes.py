"""A Ray cluster on the loopback interface: prints its address and raylets, ends with its standard input."""

import json
import os
import shutil
import sys
import tempfile

SMALL = 80 * 2**20


def main() -> None:
    folder = tempfile.mkdtemp(prefix="df8k-ray-")  # sockets want short paths
    # The cluster notes its address below it; Ray's own folder is absent where Ray has never run.
    os.environ["RAY_TMPDIR"] = folder
    os.mkdir(os.path.join(folder, "ray"))
    from ray.cluster_utils import Cluster

    node = {"node_ip_address": "127.0.0.1", "object_store_memory": SMALL, "include_dashboard": False}
    checks = {"health_check_period_ms": 1000, "health_check_timeout_ms": 20000}
    cluster = Cluster(
        initialize_head=True,
        head_node_args=node | {"num_cpus": 0, "temp_dir": folder, "_system_config": checks},
    )
    nodes = [cluster.add_node(**node, num_cpus=1, wait=False) for _ in range(2)]
    cluster.wait_for_nodes(timeout=180)
    raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
    print(json.dumps({"address": cluster.address, "raylets": raylets}), flush=True)
    sys.stdin.read()
    cluster.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    os.environ["RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE"] = "1"  # where /dev/shm is small
    main()
