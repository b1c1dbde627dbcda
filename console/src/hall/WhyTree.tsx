import { Skeleton } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { RulePart } from "@/api/client";
import { why } from "@/api/queries";
import { Ago } from "./Ago";
import { Failure } from "./Failure";
import classes from "./WhyTree.module.css";

/** Why somebody is in an audience or not: the rule as a tree, each part with what it found. */
export function WhyTree({ audience, id }: { audience: string; id: string }) {
  const answer = useQuery(why(audience, id));
  if (answer.isPending) return <Skeleton height={64} mt="xs" radius="md" />;
  if (answer.isError) {
    return (
      <Failure what="The reasons cannot be shown" error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  const { tree, member, changes_at } = answer.data;
  return (
    <div className={classes.why}>
      <p className={classes.verdict}>
        {member ? "In this audience" : "Not in this audience"}
        {changes_at && (
          <span className="muted">
            {" "}
            · time alone could change this <Ago at={changes_at} />
          </span>
        )}
      </p>
      <ul className={classes.tree}>
        <Part part={tree} />
      </ul>
    </div>
  );
}

function Part({ part }: { part: RulePart }) {
  const word = part.holds ? "holds" : "does not hold";
  return (
    <li>
      <span className={classes.tick} data-holds={part.holds} role="img" aria-label={word} title={word}>
        {part.holds ? <IconCheck size={14} stroke={2.4} /> : <IconX size={14} stroke={2.4} />}
      </span>
      <div className={classes.part}>
        <code className="mono">{part.text}</code>
        {part.evidence.map((found) => (
          <p key={found} className={classes.evidence}>
            {found}
          </p>
        ))}
        {part.children.length > 0 && (
          <ul>
            {part.children.map((child) => (
              <Part key={child.text} part={child} />
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
