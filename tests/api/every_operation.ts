// Asks each operation of the API once, and tells what came back: one line of JSON for each.
import createClient from "openapi-fetch";
import type { components, paths } from "./recommender.js";

declare const process: { argv: string[] };
const [baseUrl, token, version] = process.argv.slice(2) as [string, string, string];
const shop = createClient<paths>({ baseUrl });
const admin = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

type Problem = components["schemas"]["ProblemDescription"];
type Answer<Data> = { data?: Data; error?: Problem; response: Response };

// The types say what `tell` may look at: an answer is the data of its operation, or a problem.
function show<Data>(operation: string, { data, error, response }: Answer<Data>, tell: (data: Data) => unknown): void {
  const told = error ? error.code : tell(data as Data);
  console.log(JSON.stringify([operation, response.status, told]));
}

const ids = (found: { items: { product_id: string }[] }): string[] => found.items.map((item) => item.product_id);
const product = { path: { product_id: "10" }, query: { k: 2 } };

show("popular_products", await shop.GET("/api/products/popular", { params: { query: { k: 2 } } }), ids);
show("similar_products", await shop.GET("/api/products/{product_id}/similar", { params: product }), ids);
show(
  "similar_products",
  await shop.GET("/api/products/{product_id}/similar", { params: { path: { product_id: "a/b %2F ü" } } }),
  ids,
);
show("product_substitutes", await shop.GET("/api/products/{product_id}/substitutes", { params: product }), ids);
show("product_complements", await shop.GET("/api/products/{product_id}/complements", { params: product }), ids);
show(
  "user_recommendations",
  await shop.GET("/api/users/{user_id}/recommendations", { params: { path: { user_id: "1" }, query: { k: 2 } } }),
  (found) => [ids(found), found.user_known],
);
show(
  "basket_recommendations",
  await shop.POST("/api/recommendations", { body: { products: ["10", "4711"], k: 2 } }),
  (found) => [ids(found), found.unknown_products],
);
show(
  "basket_recommendations",
  await shop.POST("/api/recommendations", { body: { events: [{ product_id: "10", event: "view" }], k: 2 } }),
  ids,
);
show(
  "batch_recommendations",
  await shop.POST("/api/recommendations/batch", { body: { users: ["1", "nobody"], k: 2 } }),
  (found) => found.lists.map((list) => [list.user_id, list.user_known, ids(list)]),
);
show("model_in_service", await shop.GET("/api/model"), (model) => model.version);
show("model_versions", await shop.GET("/api/model/versions"), (found) => found.versions.length);
show("health", await shop.GET("/api/health"), (found) => found.ready);
show("is_alive", await shop.GET("/healthz"), (found) => found.status);
show("is_ready", await shop.GET("/readyz"), (found) => found.model_version);
show("metrics", await admin.GET("/metrics", { parseAs: "text" }), (text) => text.includes("model_info{"));
show("roll_back", await shop.POST("/api/model/rollback"), (promoted) => promoted.version);
show("roll_back", await admin.POST("/api/model/rollback", { body: { version } }), (promoted) => promoted.version);
const started = await admin.POST("/api/model/retrain");
show("retrain", started, (run) => run.run_id.length);
show(
  "training_run",
  await admin.GET("/api/model/runs/{run_id}", { params: { path: { run_id: started.data?.run_id ?? "" } } }),
  (run) => run.run_id === started.data?.run_id,
);
show(
  "run_log",
  await admin.GET("/api/model/logs/{run_at}", { params: { path: { run_at: "2025-01-05T02:00:00Z" } } }),
  (log) => log.lines,
);
show("erase_user", await admin.DELETE("/api/users/{user_id}", { params: { path: { user_id: "2" } } }), () => null);
show("look_for_erasures", await admin.POST("/api/erasures/look"), () => null);
