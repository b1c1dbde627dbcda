import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Accepted, ask, type GraphEdge, type LinkRequest } from "@/api/client";
import { Failure } from "@/hall/Failure";

interface SeverProps {
  id: string;
  edge: GraphEdge | null;
  close: () => void;
}

/** Says that two identifiers are never one person, after telling what follows; and takes it back. */
export function Sever({ id, edge, close }: SeverProps) {
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const say = useMutation({
    mutationFn: (body: LinkRequest) => ask<Accepted>("/v1/links", { method: "POST", body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["person", id] }),
  });
  const end = () => {
    say.reset();
    setReason("");
    close();
  };
  const speak = (verdict: string) => edge && say.mutate({ a: edge.a, b: edge.b, verdict, reason });
  return (
    <Modal opened={edge !== null} onClose={end} title="Never the same person">
      {edge && (
        <div style={{ display: "grid", gap: 14, fontSize: 13, lineHeight: "20px" }}>
          <p style={{ margin: 0, overflowWrap: "anywhere" }}>
            <span className="mono">{edge.a}</span>
            <br />
            <span className="mono">{edge.b}</span>
          </p>
          {say.isSuccess ? (
            <Said verdict={say.variables.verdict} end={end} undo={() => speak("withdrawn")} />
          ) : (
            <>
              <p style={{ margin: 0 }}>
                These two will no longer count as one person, whatever else links them. The person may become
                two; every event and every trait stays with the identifier that it came with, and audiences
                follow. You can take it back, and the person will be exactly as before.
              </p>
              <TextInput
                label="Why (kept with the decision)"
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
              />
              {say.isError && <Failure what="The decision was not stored" error={say.error} />}
              <Group justify="flex-end" gap="xs">
                <Button variant="default" onClick={end}>
                  Leave as it is
                </Button>
                <Button
                  color="red"
                  loading={say.isPending}
                  onClick={() => speak("never")}
                  data-testid="never-confirm"
                >
                  Never the same person
                </Button>
              </Group>
            </>
          )}
        </div>
      )}
    </Modal>
  );
}

function Said({ verdict, end, undo }: { verdict: string; end: () => void; undo: () => void }) {
  const withdrawn = verdict === "withdrawn";
  return (
    <>
      <p style={{ margin: 0 }} role="status">
        {withdrawn
          ? "Taken back. The identity is worked out again."
          : "Stored. The identity is worked out again."}
      </p>
      <Group justify="flex-end" gap="xs">
        {!withdrawn && (
          <Button variant="default" onClick={undo}>
            Take it back
          </Button>
        )}
        <Button onClick={end}>Done</Button>
      </Group>
    </>
  );
}
