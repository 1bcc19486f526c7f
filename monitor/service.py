"""Whether the API serves what the store says is in service: asks both, as a shop and as a trainer would."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any, Final

from registry.registry import Registry
from runtime.errors import BadSettingsError, RecommenderError, TryAgainError

_ANSWER_SECONDS: Final = 10.0
_K: Final = 5
_AFTER_ROLLOUT: Final = "Is a rollout under way? `kubectl rollout status deployment/api` waits for its end"


class ServiceError(RecommenderError):
    """The API answers, but not as it should."""


@dataclass(frozen=True)
class Service:
    """What the API served: the version, a product and its neighbours."""

    api_url: str
    model_version: str
    product_id: str
    similar: list[str]


def check_service(registry: Registry, api_url: str) -> Service:
    """Ask the API for the most popular product and for products similar to it, the store for its current model.

    Raises TryAgainError where the API does not answer or the store has no model yet, ServiceError where the two do not
    agree, BadSettingsError where `api_url` is none.
    """
    pointer = registry.current()
    if pointer is None:
        raise TryAgainError("the store has no current model yet", hint="Wait for the first training, or start one")
    popular = _items(api_url, "/api/products/popular?k=1", pointer.version)
    product_id = str(popular[0]["product_id"])
    path = f"/api/products/{urllib.parse.quote(product_id, safe='')}/similar?k={_K}"
    similar = [str(item["product_id"]) for item in _items(api_url, path, pointer.version)]
    return Service(api_url, pointer.version, product_id, similar)


def service_page(service: Service) -> str:
    """Render what was found for people."""
    similar = ", ".join(service.similar)
    return (
        f"The API at {service.api_url} serves model {service.model_version}, the store's current one.\n"
        f"Similar to product {service.product_id}: {similar}\n"
    )


def as_json(service: Service) -> dict[str, Any]:
    """Render what was found for machines."""
    return asdict(service)


def _items(api_url: str, path: str, version: str) -> list[dict[str, Any]]:
    """Give a list's items, of which there must be some, made by the given version."""
    url = f"{api_url.rstrip('/')}{path}"
    answer = _ask(url)
    try:
        served, items = answer["model_version"], list(answer["items"])
    except (KeyError, TypeError):
        raise ServiceError(f"{url} gave no list of products", hint="Is --api-url that of the API?") from None
    if served != version:
        raise ServiceError(f"the API serves model {served}, and current.json names {version}", hint=_AFTER_ROLLOUT)
    if not items:
        raise ServiceError(f"{url} gave an empty list")
    return items


def _ask(url: str) -> Any:  # noqa: ANN401 (JSON)
    if not url.startswith(("http://", "https://")):
        raise BadSettingsError(f"--api-url must begin with http:// or https://: {url!r} does not")
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 (the scheme is checked)
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ServiceError(f"{url} answered {error.code}: {_detail(error)}") from None
    except (OSError, urllib.error.URLError) as error:
        raise TryAgainError(f"{url} does not answer: {error}", hint="Are the API's pods ready?") from None
    except ValueError:
        raise ServiceError(f"{url} did not answer in JSON", hint="Is --api-url that of the API?") from None


def _detail(error: urllib.error.HTTPError) -> str:
    """Give the sentence of a problem+json answer, else what HTTP says."""
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return error.reason
