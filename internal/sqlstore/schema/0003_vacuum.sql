-- What was settled stays in the index of what was not, holds_unsettled, until a vacuum, and
-- whoever reads that passes by it: on engines that vacuum by themselves it comes sooner.
ALTER TABLE holds VACUUMED;
