import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type AudienceRow, ask } from "@/api/client";
import { audiencePath } from "@/api/queries";
import { Failure } from "@/hall/Failure";
import { many } from "@/hall/format";

/** Deletes an audience, after saying how many it touches. */
export function Remove({ row }: { row: AudienceRow }) {
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => ask<void>(audiencePath(row.name), { method: "DELETE" }),
    onSuccess: async () => {
      await navigate({ to: "/audiences" });
      await queries.invalidateQueries({ queryKey: ["audiences"] });
    },
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Delete ${row.name}?`}>
        <div style={{ display: "grid", gap: 14, fontSize: 13, lineHeight: "20px" }}>
          <p style={{ margin: 0 }}>
            {many(row.size, "person is", "people are")} in it and will no longer be. Nothing is taken from
            anyone: the rule goes, the facts stay.
            {row.destinations.length > 0 && ` ${row.destinations.join(", ")} will have nothing to follow.`}
          </p>
          {remove.isError && <Failure what="The audience was not deleted" error={remove.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep it
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete the audience
            </Button>
          </Group>
        </div>
      </Modal>
    </>
  );
}
