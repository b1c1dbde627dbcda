// The identity graph of one of the mock's people, with one refused link to somebody else.

export function graph(house, p) {
  const node = (owner) => (i) => ({
    id: `${i.type}:${i.id}`,
    kind: i.type,
    value: i.id,
    inside: owner === p,
    profile: owner.id,
  });
  const nodes = p.ids.map(node(p));
  const hub = nodes.find((n) => n.kind === "email") ?? nodes[0];
  const edges = nodes
    .filter((n) => n !== hub)
    .map((n, i) => edge(house, n, i % 3 === 1 ? nodes[0] : hub, p.ids[i]));
  const other = house.world.people.find((q) => q !== p && q.known);
  if (p.known && other) {
    nodes.push(node(other)(other.ids[1]));
    edges.push({
      a: nodes[0].id,
      b: nodes.at(-1).id,
      accepted: false,
      reason: "too many user_id for one person",
      source: "app",
      time: p.created_at,
    });
  }
  return { nodes, edges: edges.filter((e) => e.a !== e.b) };
}

function edge(house, a, b, seen) {
  const never = house.links.some(
    (l) => l.verdict === "never" && [l.a, l.b].sort().join() === [a.id, b.id].sort().join(),
  );
  return {
    a: a.id,
    b: b.id,
    accepted: !never,
    reason: never ? "operator" : "together",
    source: seen.source,
    time: seen.first_seen,
  };
}
