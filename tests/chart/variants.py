"""Sets of values that together use every feature of the chart."""

from typing import Any, Final

from tests.chart.helm import LOCAL, SHOP, Values, joined
from tests.chart.manifests import read_yaml

# What a pod may be told, for all of them and for each component.
POD: Final[dict[str, Any]] = {
    "podLabels": {"team": "shop"},
    "podAnnotations": {"example.com/pod": "yes"},
    "extraEnv": [{"name": "EXTRA", "value": "one"}],
    "extraEnvFrom": [{"secretRef": {"name": "more", "optional": True}}],
    "extraVolumes": [{"name": "certificates", "configMap": {"name": "certificates"}}],
    "extraVolumeMounts": [{"name": "certificates", "mountPath": "/certificates", "readOnly": True}],
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "spot", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
    "priorityClassName": "system-cluster-critical",
    "runtimeClassName": "gvisor",
    "schedulerName": "other-scheduler",
    "dnsPolicy": "ClusterFirst",
    "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["mysql.shop"]}],
    "imagePullSecrets": ["registry", {"name": "other-registry"}],
    "podSecurityContext": {"supplementalGroups": [2000]},
    "securityContext": {"privileged": False},
}
_COMPONENT: Final[dict[str, Any]] = {
    **POD,
    "labels": {"example.com/object": "yes"},
    "annotations": {"example.com/object": "yes"},
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/shop"}},
    "terminationGracePeriodSeconds": 40,
    "initContainers": [
        {
            "name": "first",
            "image": "registry.example.com/first:1",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"}
    ],
}
PODS_TOLD_ALL: Final[Values] = {"pods": POD, "trainer": _COMPONENT, "monitor": _COMPONENT, "api": _COMPONENT}

OPEN: Final[Values] = {
    "api": {
        "workers": 3,
        "adminToken": {"existingSecret": {"name": "admin"}},
        "metricsToken": {"existingSecret": {"name": "scraping", "key": "bearer"}},
        "settings": {
            "CORS_ORIGINS": "https://shop.example.com",
            "TRUSTED_HOSTS": "shop.example.com",
            "TRUSTED_PROXIES": "10.0.0.0/8",
            "REQUEST_SECONDS": 20,
            "ADMIN_REQUESTS_PER_MINUTE": 10,
        },
        "autoscaling": {"enabled": True, "targetMemoryUtilizationPercentage": 80},
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "hosts": [{"host": "shop.example.com"}],
            "tls": [{"secretName": "tls", "hosts": ["shop.example.com"]}],
        },
        "httpRoute": {
            "enabled": True,
            "parentRefs": [{"name": "public"}],
            "hostnames": ["shop.example.com"],
            "timeouts": {"request": "5s"},
        },
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "scrapeTimeout": "5s"},
        "service": {"type": "NodePort", "nodePort": 30080, "trafficDistribution": "PreferSameZone"},
        "podDisruptionBudget": {"minAvailable": "50%"},
    },
    "alerts": {"enabled": True, "labels": {"release": "prometheus"}},
    "dashboard": {"enabled": True, "annotations": {"grafana_folder": "Shop"}},
    "networkPolicy": {
        "enabled": True,
        "api": {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}]},
    },
}

OWN_CODE: Final[Values] = {
    "trainer": {
        "schedule": "weekly",
        "code": {"class": "my_trainer:MyTrainer", "files": {"my_trainer.py": "class MyTrainer: ...\n"}},
        "events": {"cart": {"weight": 0.5, "sql": "SELECT a FROM b WHERE c <> 'd' AND e > 1"}},
    },
    "settings": {"PURCHASE_WEIGHT": 2, "MIN_USERS": 20},
}

KEYS_AS_VALUES: Final[Values] = {
    "store": {
        "url": "s3://models",
        "endpointUrl": "https://s3.example.com:9443",
        "accessKeyId": "id",
        "secretAccessKey": "key",
    },
    "database": {"host": "mysql", "name": "shop", "user": "shop", "password": "secret"},
    "api": {"adminToken": {"value": "token"}, "metricsToken": {"value": "scraping"}},
}

DISTRIBUTED: Final[Values] = {
    "trainer": {"distributed": {"workers": 8, "resources": {"limits": {"memory": "8Gi"}}}},
    "networkPolicy": {"enabled": True},
}

SECOND: Final[Values] = {"namePrefix": "blue"}

VARIANTS: Final[dict[str, Values]] = {
    "the least": SHOP,
    "local": read_yaml(LOCAL.read_text()),
    "local, with network policies": joined(
        read_yaml(LOCAL.read_text()),
        {"networkPolicy": {"enabled": True}, "local": {"persistence": {"enabled": False}}},
    ),
    "pods told all they can be": joined(SHOP, PODS_TOLD_ALL),
    "open to the world": joined(SHOP, OPEN),
    "the shop's own code and SQL": joined(SHOP, OWN_CODE),
    "keys as values": KEYS_AS_VALUES,
    "a run on several machines": joined(SHOP, PODS_TOLD_ALL, OWN_CODE, DISTRIBUTED),
    "a second release": joined(SHOP, SECOND, OPEN),
}
