//! Random lives against a receiver that fails at random: in the end it knows exactly the buyers who consented.

use kit::{Backoff, DAY_MS};
use proptest::prelude::*;

use crate::receiver::{Answer, Receiver};
use crate::world::{Op, World, shown};

#[derive(Debug, Clone, Copy)]
enum Step {
    Live(Op),
    Deliver,
    Fail(u16),
    /// The receiver hears it, but its answer is lost.
    LoseAnswer,
    /// A run that dies after the receiver heard it.
    Kill,
    Rebuild,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let person = || 1u32..5;
    prop_oneof![
        4 => person().prop_map(|person| Step::Live(Op::Buys(person))),
        2 => person().prop_map(|person| Step::Live(Op::Returns(person))),
        4 => (person(), prop::bool::weighted(0.7)).prop_map(|(person, granted)| Step::Live(Op::Decides(person, granted))),
        2 => (person(), person()).prop_map(|(one, other)| Step::Live(Op::Merge(one, other))),
        1 => person().prop_map(|person| Step::Live(Op::Split(person))),
        3 => Just(Step::Deliver),
        1 => prop_oneof![Just(500u16), Just(429), Just(503)].prop_map(Step::Fail),
        1 => Just(Step::LoseAnswer),
        1 => Just(Step::Kill),
        1 => Just(Step::Rebuild),
        1 => Just(Step::Wait),
    ]
}

async fn live(steps: &[Step]) -> Result<(), TestCaseError> {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    let patient = Backoff { base_ms: 1_000, max_ms: 60_000, attempts: u32::MAX };
    let mut deliverer = world.deliverer_with(patient);
    for step in steps {
        match step {
            Step::Live(op) => _ = world.happen(&[*op]),
            Step::Deliver => _ = deliverer.run_due().await.unwrap(),
            Step::Fail(status) => receiver.answer([Answer::Status(*status)]),
            Step::LoseAnswer => receiver.answer([Answer::Lost]),
            Step::Kill => {
                receiver.answer([Answer::Hang]);
                tokio::select! {
                    () = receiver.called() => {}
                    report = deliverer.run_due() => { report.unwrap(); }
                }
                receiver.calm();
                deliverer = world.deliverer_with(patient);
            }
            Step::Rebuild => prop_assert_eq!(shown(&world.rebuild()), ""),
            Step::Wait => world.clock.advance_ms(2_000),
        }
        let strangers: Vec<_> = receiver.new_people().into_iter().filter(|id| !world.may_know().contains(id)).collect();
        prop_assert!(strangers.is_empty(), "told about {:?} without consent: {}", strangers, receiver.story());
    }
    receiver.calm();
    world.clock.advance_ms(DAY_MS);
    deliverer.run_due().await.unwrap();
    prop_assert_eq!(receiver.people(), world.should_know(), "{}", receiver.story());
    let status = activation::statuses(&world.store).unwrap().remove(0);
    prop_assert_eq!((status.waiting, status.dead), (0, 0));
    prop_assert_eq!(shown(&world.rebuild()), "");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_receiver_knows_exactly_the_buyers_who_consented(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(&steps))?;
    }
}
