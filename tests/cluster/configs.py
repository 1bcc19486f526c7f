"""What the programs read from files: JSON where they take YAML, since that is the same to them."""

import json
from typing import Final

from tests.cluster.site import DNS_SERVICE, DOMAIN, NODE, POD_GATEWAY, PODS, Site
from tests.cluster.small_images import PAUSE_IMAGE
from tests.cluster.whole_files import write_whole

_CNI_PROGRAMS: Final = "/usr/lib/cni"
# None of these is for us, and each costs a line of warning or some start-up time.
_UNUSED: Final = ("snapshotter.v1.btrfs", "snapshotter.v1.zfs", "snapshotter.v1.aufs", "snapshotter.v1.devmapper")


def write_configs(site: Site) -> None:
    """Write those that are not so already: kube-proxy ends when its file is written, and is started anew."""
    (site.configs / "cni").mkdir(parents=True, exist_ok=True)
    for name, text in _files(site).items():
        file = site.configs / name
        if not file.exists() or file.read_text() != text:
            write_whole(file, text)


def _files(site: Site) -> dict[str, str]:
    return {
        "containerd.toml": containerd_config(site),
        "cni/10-pods.conflist": _json(pod_network(site)),
        "kubelet.json": _json(kubelet_config(site)),
        "proxy.json": _json(proxy_config(site)),
        "Corefile": coredns_config(site),
        "resolv.conf": "nameserver 127.0.0.1\n",
    }


def containerd_config(site: Site) -> str:
    """Give a configuration that keeps all there is below our folder, network namespaces included."""
    unused = ", ".join(f'"io.containerd.{plugin}"' for plugin in _UNUSED)
    return f"""version = 2
root = "{site.containerd}/root"
state = "{site.containerd}/state"
disabled_plugins = [{unused}]
[grpc]
address = "{site.containerd_socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "{site.containerd}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{_CNI_PROGRAMS}"
conf_dir = "{site.configs}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
Root = "{site.containerd}/runc"
"""


def pod_network(site: Site) -> dict[str, object]:
    """Give each pod a cable of its own to the host: unlike on a bridge, services work without br_netfilter."""
    ranges = [[{"subnet": PODS, "gateway": POD_GATEWAY}]]
    addresses = {"type": "host-local", "ranges": ranges, "routes": [{"dst": "0.0.0.0/0"}]}
    cable = {"type": "ptp", "ipam": {**addresses, "dataDir": f"{site.containerd}/addresses"}}
    return {"cniVersion": "0.4.0", "name": site.name, "plugins": [cable]}


def kubelet_config(site: Site) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": site.host,
        "containerRuntimeEndpoint": f"unix://{site.containerd_socket}",
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": DOMAIN,
        "resolvConf": f"{site.configs}/resolv.conf",
        "podLogsDir": str(site.pod_logs),
        "volumePluginDir": f"{site.folder}/volume-plugins",
        **_cgroups(site),
        **_access(site),
        **_no_housekeeping(),
    }


def _cgroups(site: Site) -> dict[str, object]:
    """Below a cgroup of our own, so that `down` never touches another cluster's pods."""
    return {
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{site.name}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": ["none"],
        "oomScoreAdj": 0,  # a lower one takes CAP_SYS_RESOURCE
    }


def _access(site: Site) -> dict[str, object]:
    certificates = {"clientCAFile": str(site.certificate("ca"))}
    return {
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True}, "x509": certificates},
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(site.certificate("kubelet")),
        "tlsPrivateKeyFile": str(site.key("kubelet")),
    }


def _no_housekeeping() -> dict[str, object]:
    """Keep images whatever the disk looks like: they were loaded by hand, and no registry would bring them back."""
    signals = ("memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree")
    return {
        "imageGCHighThresholdPercent": 100,
        "evictionHard": dict.fromkeys(signals, "0%"),
        "localStorageCapacityIsolation": False,
        "makeIPTablesUtilChains": False,
    }


def proxy_config(site: Site) -> dict[str, object]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(site.kubeconfig("proxy"))},
        "clusterCIDR": PODS,
        "hostnameOverride": NODE,
        "healthzBindAddress": f"{site.host}:10256",
        "metricsBindAddress": f"{site.host}:10249",
        "nodePortAddresses": [f"{site.host}/32"],
        # Zero leaves the machine's own limits as they are.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def coredns_config(site: Site) -> str:
    """Give a block for the cluster's names and one that knows no others: in one, the latter would answer first."""
    return f"""{DOMAIN}:53 in-addr.arpa:53 {{
  bind {site.host}
  errors
  kubernetes {DOMAIN} in-addr.arpa {{
    kubeconfig {site.kubeconfig("coredns")}
    pods insecure
  }}
  cache 5
}}
.:53 {{
  bind {site.host}
  template ANY ANY . {{
    rcode NXDOMAIN
  }}
}}
"""


def _json(config: dict[str, object]) -> str:
    return json.dumps(config, indent=1) + "\n"
