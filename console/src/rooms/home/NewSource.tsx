import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ask, type NewSource as Body, type SourceKey } from "@/api/client";
import { Copy, CopyLine } from "@/hall/Copy";
import { Failure } from "@/hall/Failure";

/** Makes a source and shows its write key with a first event to try. */
export default function NewSource({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (body: Body) => ask<SourceKey>("/v1/sources", { method: "POST", body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["home"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ name: name.trim() });
  };
  return (
    <Modal opened onClose={close} title={make.data ? `Source ${make.data.name}` : "New source"} size="lg">
      {make.data ? (
        <Made source={make.data} close={close} />
      ) : (
        <form onSubmit={submit} style={{ display: "grid", gap: 14 }}>
          <TextInput
            label="Name"
            description="A lower-case word, for example web"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          {make.isError && <Failure what="The source was not made" error={make.error} />}
          <Button type="submit" loading={make.isPending} disabled={!name.trim()}>
            Make the source
          </Button>
        </form>
      )}
    </Modal>
  );
}

function Made({ source, close }: { source: SourceKey; close: () => void }) {
  const event = JSON.stringify({ userId: "u1", event: "Hello" });
  return (
    <div style={{ display: "grid", gap: 14, fontSize: 13 }}>
      <div>
        Write key: <Copy text={source.write_key} />
        <p className="muted" style={{ margin: "2px 0 0" }}>
          It can send facts and read nothing.
        </p>
      </div>
      <div>
        <p style={{ margin: "0 0 6px" }}>Send a first event; it shows under Live at once:</p>
        <CopyLine
          text={`curl -u ${source.write_key}: ${location.origin}/v1/track -H 'content-type: application/json' -d '${event}'`}
        />
      </div>
      <Button variant="default" onClick={close}>
        Done
      </Button>
    </div>
  );
}
