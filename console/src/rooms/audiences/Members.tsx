import { Drawer, Skeleton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import type { MemberList } from "@/api/client";
import { members } from "@/api/queries";
import { Ago } from "@/hall/Ago";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { count } from "@/hall/format";
import { Panel } from "@/hall/Panel";
import { WhyTree } from "@/hall/WhyTree";
import classes from "./Audience.module.css";

type Member = MemberList["data"][number];

const ROW_PX = 38;

/** Who is in an audience; only the rows in sight are drawn, and more are fetched as they come near. */
export function Members({ audience }: { audience: string }) {
  const list = useInfiniteQuery(members(audience));
  const [asked, setAsked] = useState<Member | null>(null);
  if (list.isError) {
    return (
      <Failure what="The members cannot be shown" error={list.error} retry={() => void list.refetch()} />
    );
  }
  if (!list.data) return <Skeleton height={420} radius="md" />;
  const rows = list.data.pages.flatMap((page) => page.data);
  return (
    <Panel title="Members" note={count(list.data.pages[0]?.total ?? rows.length)} flush>
      {rows.length === 0 ? (
        <Empty title="Nobody yet">
          The rule holds for nobody now. People enter by themselves when it does.
        </Empty>
      ) : (
        <Rows
          rows={rows}
          ask={setAsked}
          more={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
        />
      )}
      <Drawer opened={asked !== null} onClose={() => setAsked(null)} title={asked && `Why ${asked.label}?`}>
        {asked && (
          <>
            <Link className="link" to="/people/$id" params={{ id: asked.id }} style={{ fontSize: 13 }}>
              Go to {asked.id}
            </Link>
            <WhyTree audience={audience} id={asked.id} />
          </>
        )}
      </Drawer>
    </Panel>
  );
}

interface RowsProps {
  rows: Member[];
  ask: (member: Member) => void;
  more?: () => void;
}

function Rows({ rows, ask, more }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const items = list.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - 20) more();
  }, [last, rows.length, more]);
  return (
    <div ref={box} className={classes.members} style={{ height: Math.min(520, rows.length * ROW_PX) }}>
      <div style={{ height: list.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => {
          const member = rows[index];
          return member && <Row key={member.id} member={member} top={start} ask={ask} />;
        })}
      </div>
    </div>
  );
}

function Row({ member, top, ask }: { member: Member; top: number; ask: (member: Member) => void }) {
  return (
    <div className={classes.member} style={{ transform: `translateY(${top}px)` }} data-testid="member-row">
      <Link className="clip" to="/people/$id" params={{ id: member.id }}>
        {member.label}
      </Link>
      <span className="muted">
        entered <Ago at={member.since} />
      </span>
      <button
        type="button"
        className="as-link"
        onClick={() => ask(member)}
        aria-label={`Why ${member.label}?`}
      >
        Why?
      </button>
    </div>
  );
}
