// A Worker that hands every request on as it came: what any Worker in between costs.

export default {
  fetch(request, env) {
    if (request.method !== "POST") return new Response("ready");
    return fetch(env.UPSTREAM_URL + "/Messages", { method: "POST", headers: request.headers, body: request.body });
  },
};
