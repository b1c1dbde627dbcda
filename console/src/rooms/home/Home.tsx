import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { audiences, home } from "@/api/queries";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { clock, exact, many } from "@/hall/format";
import { PageHead } from "@/hall/Panel";
import { AudienceSizes } from "./AudienceSizes";
import { Destinations } from "./Destinations";
import { Figures } from "./Figures";
import classes from "./Home.module.css";
import { Minutes } from "./Minutes";
import { Sources } from "./Sources";

/** The whole house at a glance. */
export function Home() {
  const house = useQuery(home());
  const sizes = useQuery(audiences());
  if (house.isPending) return <Waiting />;
  if (house.isError) {
    return (
      <Failure what="The house cannot be shown" error={house.error} retry={() => void house.refetch()} />
    );
  }
  const at = house.data;
  return (
    <>
      <PageHead
        title="Home"
        note={
          <time dateTime={at.as_of} title={exact(at.as_of)}>
            as of {clock(at.as_of)}
            {at.waiting > 0 && ` · ${many(at.waiting, "fact", "facts")} still on the way`}
          </time>
        }
      />
      {at.profiles === 0 && at.events === 0 && at.records === 0 ? (
        <Empty title="Nobody is here yet" line="sonder demo">
          This page will count the people and their devices, show events as they come in, and say how each
          source, audience and destination fares. A sample shop fills it in a minute.
        </Empty>
      ) : (
        <Figures house={at} />
      )}
      <div className={classes.grid}>
        {at.minutes.length > 0 && at.events > 0 && (
          <div className={classes.wide}>
            <Minutes minutes={at.minutes} />
          </div>
        )}
        <Sources rows={at.sources} />
        <div className={classes.column}>
          <AudienceSizes rows={sizes.data?.data} error={sizes.error} />
          <Destinations rows={at.destinations} />
        </div>
      </div>
    </>
  );
}

function Waiting() {
  return (
    <>
      <PageHead title="Home" />
      <div className={classes.grid} aria-busy="true">
        <Skeleton className={classes.wide} height={126} radius="md" />
        <Skeleton className={classes.wide} height={150} radius="md" />
        <Skeleton height={280} radius="md" />
        <Skeleton height={280} radius="md" />
      </div>
    </>
  );
}
