import classes from "./Editor.module.css";

const EXAMPLES = [
  "country = 'DE'",
  "exists(email)",
  "count('Order Completed' in last 90 days) >= 2",
  "count('Order Completed' where revenue > 50) >= 1",
  "not in audience 'vip_buyers'",
];

/** The forms that a rule is made of; a click puts one into the rule. */
export function Grammar({ insert }: { insert: (example: string) => void }) {
  return (
    <div className={classes.grammar}>
      <span className="muted">add</span>
      {EXAMPLES.map((example) => (
        <button key={example} type="button" onClick={() => insert(example)}>
          {example}
        </button>
      ))}
    </div>
  );
}
